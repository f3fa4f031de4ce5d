namespace MsVit.MLNet.Sweep;

/// <summary>Keeps trials until the process ends, for sweeps with one worker. The reference for the other stores in tests.</summary>
internal sealed class InMemoryTrialStore(TimeProvider clock) : ITrialStore
{
    private readonly Lock _lock = new();
    private readonly List<(SweepRecord Sweep, SortedDictionary<int, (TrialRecord Trial, DateTimeOffset Sign)> Trials)> _sweeps = [];

    public InMemoryTrialStore()
        : this(TimeProvider.System)
    {
    }

    public SweepRecord Open(string name, string space, string settings)
    {
        lock (_lock)
        {
            if (_sweeps.Find(entry => entry.Sweep.Name == name).Sweep is { } found)
            {
                SweepAgreement.Check(found, space, settings, "memory");
                return found;
            }
            var sweep = new SweepRecord(_sweeps.Count + 1, name, space, settings, clock.GetUtcNow());
            _sweeps.Add((sweep, []));
            return sweep;
        }
    }

    public bool TryAdd(long sweep, int number, string parameters, int seed)
    {
        lock (_lock)
        {
            return Of(sweep).TryAdd(number, (new() { Number = number, Parameters = parameters, Seed = seed }, default));
        }
    }

    public TrialClaim? Claim(long sweep, string worker, TimeSpan lease)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            foreach (var (number, (trial, sign)) in Of(sweep))
            {
                if (trial.State == TrialState.Waiting || (trial.State == TrialState.Running && now - sign > lease))
                {
                    var taken = trial with
                    {
                        State = TrialState.Running,
                        Worker = worker,
                        Attempts = trial.Attempts + 1,
                        Started = trial.Started ?? now,
                    };
                    Of(sweep)[number] = (taken, now);
                    return new(sweep, taken, worker, taken.Attempts);
                }
            }
            return null;
        }
    }

    public bool Heartbeat(TrialClaim claim) => Change(claim, trial => trial);

    public bool Report(TrialClaim claim, TrialEpoch epoch) =>
        Change(claim, trial => trial with
        {
            Curve = [.. trial.Curve.Where(other => other.Epoch != epoch.Epoch).Append(epoch).OrderBy(other => other.Epoch)],
        });

    public bool Finish(
        TrialClaim claim,
        TrialState state,
        IReadOnlyDictionary<string, double> objectives,
        string? failure,
        string? modelPath) => Change(claim, trial => trial with
        {
            State = state,
            Objectives = objectives,
            Failure = failure,
            ModelPath = modelPath,
            Finished = clock.GetUtcNow(),
        });

    public bool Release(TrialClaim claim) => Change(claim, trial => trial with { State = TrialState.Waiting });

    public void KeepModel(long sweep, int number, string? modelPath)
    {
        lock (_lock)
        {
            var (trial, sign) = Of(sweep)[number];
            Of(sweep)[number] = (trial with { ModelPath = modelPath }, sign);
        }
    }

    public IReadOnlyList<TrialRecord> Trials(long sweep)
    {
        lock (_lock)
        {
            return [.. Of(sweep).Values.Select(entry => entry.Trial)];
        }
    }

    public void Dispose()
    {
    }

    private SortedDictionary<int, (TrialRecord Trial, DateTimeOffset Sign)> Of(long sweep) => _sweeps[checked((int)sweep - 1)].Trials;

    private bool Change(TrialClaim claim, Func<TrialRecord, TrialRecord> change)
    {
        lock (_lock)
        {
            var (trial, _) = Of(claim.Sweep)[claim.Trial.Number];
            if (trial.State != TrialState.Running || trial.Attempts != claim.Attempt)
            {
                return false;
            }
            Of(claim.Sweep)[claim.Trial.Number] = (change(trial), clock.GetUtcNow());
            return true;
        }
    }
}
