namespace MsVit.MLNet.Sweep;

/// <summary>How a sweep runs.</summary>
public sealed record SweepSettings
{
    /// <summary>By which workers that share a store find the sweep, and by which it is taken up again. The default is "sweep".</summary>
    public string Name { get; init; } = "sweep";

    /// <summary>
    /// What the parameters change: the network, the recipe and how samples are held out (<see cref="MsVitOptions.ValidationFraction"/>, the same
    /// samples for all trials). The default is <c>new MsVitOptions()</c>.
    /// </summary>
    public MsVitOptions Options { get; init; } = new();

    /// <summary>How many trials, 1 or more; null (the default) for the whole grid, or 20 with another sampler. More may be asked for when a sweep is taken up again.</summary>
    public int? Trials { get; init; }

    /// <summary>The time after which this worker starts no trial, and gives back the one that it has; null (the default) for no limit.</summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>The epochs of all trials together after which none is started; null (the default) for no limit.</summary>
    public int? EpochBudget { get; init; }

    /// <summary>How to choose. The default is <see cref="SamplerKind.Tpe"/>.</summary>
    public SamplerKind Sampler { get; init; } = SamplerKind.Tpe;

    /// <summary>Places of a range of real numbers in a grid, 2-100. The default is 5.</summary>
    public int GridPlaces { get; init; } = 5;

    /// <summary>What ends trials early; with several objectives only accuracy counts. The default is <see cref="PrunerKind.Median"/>.</summary>
    public PrunerKind Pruner { get; init; } = PrunerKind.Median;

    /// <summary>What to look for, the first one first; with several the result has a Pareto front. The default is accuracy alone.</summary>
    public IReadOnlyList<SweepObjective> Objectives { get; init; } = [SweepObjective.Accuracy];

    /// <summary>Values to try first, such as known good ones; parameters that are missing are taken from <see cref="Options"/> where the space allows it. By default the options' own values.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> StartingPoints { get; init; } = [new Dictionary<string, string>()];

    /// <summary>Of the sampler, of the weights and of the split, the same for all trials. The default is 0.</summary>
    public int Seed { get; init; }

    /// <summary>Parts of cross-validation, 2-100, whose mean accuracy counts; 0 (the default) for one held-out part. With it no models are kept.</summary>
    public int Folds { get; init; }

    /// <summary>
    /// Where the trials are kept: a file name ending in .db or .sqlite, a PostgreSQL connection string, or null (the default) for memory alone, which ends
    /// with the process.
    /// </summary>
    public string? Store { get; init; }

    /// <summary>
    /// The folder of checkpoints and models, shared by all workers; null (the default) for one beside the store's file, or a temporary one that
    /// <see cref="SweepResult.Dispose"/> deletes.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>Models that are kept, those of the best trials (with several objectives of the Pareto front first), 0 or more. The default is 1.</summary>
    public int KeepModels { get; init; } = 1;

    /// <summary>How old a worker's last sign of life may be before others take over its trial, 1 second to 1 day. The default is 30 seconds.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Called with every report, on the thread that runs the sweep.</summary>
    public Action<SweepProgress>? Progress { get; init; }

    /// <summary>Ends the sweep: the trial that runs is given back at its last checkpoint.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Names every value that is out of its range.</summary>
    internal IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Name))
        {
            yield return "Name is empty.";
        }
        if (Trials < 1)
        {
            yield return $"Trials is {Trials}; it must be 1 or more, or null.";
        }
        if (TimeBudget <= TimeSpan.Zero)
        {
            yield return $"TimeBudget is {TimeBudget}; it must be above zero, or null.";
        }
        if (EpochBudget < 1)
        {
            yield return $"EpochBudget is {EpochBudget}; it must be 1 or more, or null.";
        }
        if (!Enum.IsDefined(Sampler) || !Enum.IsDefined(Pruner))
        {
            yield return $"Sampler is {Sampler} and Pruner {Pruner}; there are {string.Join(", ", Enum.GetNames<SamplerKind>())} and {string.Join(", ", Enum.GetNames<PrunerKind>())}.";
        }
        if (GridPlaces is < 2 or > 100)
        {
            yield return $"GridPlaces is {GridPlaces}; it must be from 2 to 100.";
        }
        if (Objectives.Count == 0 || Objectives.Distinct().Count() < Objectives.Count || !Objectives.All(Enum.IsDefined))
        {
            yield return $"Objectives are {string.Join(", ", Objectives)}; at least one is needed, each once.";
        }
        if (Folds is < 0 or 1 or > 100)
        {
            yield return $"Folds is {Folds}; it must be 0 for one held-out part, or from 2 to 100.";
        }
        if (Folds == 0 && Options.ValidationFraction == 0)
        {
            yield return "Options.ValidationFraction is 0 and Folds is 0: trials cannot be compared without held-out samples.";
        }
        if (KeepModels < 0)
        {
            yield return $"KeepModels is {KeepModels}; it must be 0 or more.";
        }
        if (Lease < TimeSpan.FromSeconds(1) || Lease > TimeSpan.FromDays(1))
        {
            yield return $"Lease is {Lease}; it must be from 1 second to 1 day.";
        }
    }
}
