using MsVit.MLNet.Sweep;

namespace MsVit.Tests.Sweep;

/// <summary>What every store of trials must do.</summary>
public abstract class TrialStoreContract : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<ITrialStore> _open = [];

    private protected abstract ITrialStore NewStore();

    /// <summary>Opens the tests' one store, or another connection to it.</summary>
    private protected ITrialStore Open()
    {
        var store = NewStore();
        _open.Add(store);
        return store;
    }

    public virtual void Dispose()
    {
        _open.ForEach(store => store.Dispose());
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_sweep_is_made_once_and_found_again()
    {
        var store = Open();
        var sweep = store.Open("a", "{\"x\":[1]}", "{\"seed\":1}");
        Assert.Equal(sweep, store.Open("a", "{ \"x\": [1] }", "{\"seed\":1}"));
        Assert.NotEqual(sweep.Id, store.Open("b", "{\"x\":[1]}", "{\"seed\":1}").Id);
        Assert.InRange(sweep.Created, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
    }

    [Fact]
    public void Different_settings_or_a_different_space_under_its_name_are_rejected_with_reasons()
    {
        var store = Open();
        store.Open("a", "{\"x\":[1]}", "{\"seed\":1,\"folds\":0}");
        Assert.Contains("seed was 1, now 2", Assert.Throws<InvalidOperationException>(
            () => store.Open("a", "{\"x\":[1]}", "{\"seed\":2,\"folds\":0}")).Message, StringComparison.Ordinal);
        Assert.Contains("a different search space", Assert.Throws<InvalidOperationException>(
            () => store.Open("a", "{\"x\":[2]}", "{\"seed\":1,\"folds\":0}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trial_goes_from_waiting_to_running_to_its_end_with_all_that_is_told()
    {
        var store = Open();
        var sweep = store.Open("a", "{}", "{}").Id;
        Assert.True(store.TryAdd(sweep, 0, "{\"TimeSteps\":\"2\"}", 7));
        Assert.False(store.TryAdd(sweep, 0, "{\"TimeSteps\":\"4\"}", 8));
        var waiting = Assert.Single(store.Trials(sweep));
        Assert.Equal((0, "{\"TimeSteps\":\"2\"}", 7, TrialState.Waiting, 0),
            (waiting.Number, waiting.Parameters, waiting.Seed, waiting.State, waiting.Attempts));

        var claim = store.Claim(sweep, "w1", Lease)!;
        Assert.Equal((TrialState.Running, "w1", 1), (claim.Trial.State, claim.Trial.Worker, claim.Attempt));
        Assert.Null(store.Claim(sweep, "w2", Lease));
        Assert.True(store.Heartbeat(claim));
        Assert.True(store.Report(claim, new(2, 0.5, double.NaN, 2)));
        Assert.True(store.Report(claim, new(1, 0.25, 1.5, 1)));
        Assert.True(store.Report(claim, new(2, 0.75, 0.5, 3)));
        Assert.True(store.Finish(claim, TrialState.Completed, new Dictionary<string, double> { ["Accuracy"] = 0.1 + 0.2 }, null,
            "models/a.zip"));

        var done = Assert.Single(store.Trials(sweep));
        Assert.Equal(TrialState.Completed, done.State);
        Assert.Equal([new TrialEpoch(1, 0.25, 1.5, 1), new TrialEpoch(2, 0.75, 0.5, 3)], done.Curve);
        Assert.Equal(0.1 + 0.2, done.Objectives["Accuracy"]);
        Assert.Equal("models/a.zip", done.ModelPath);
        Assert.True(done.Started <= done.Finished);
        store.KeepModel(sweep, 0, null);
        Assert.Null(Assert.Single(store.Trials(sweep)).ModelPath);
    }

    [Fact]
    public void A_failure_is_kept_with_its_words()
    {
        var store = Open();
        var sweep = store.Open("a", "{}", "{}").Id;
        store.TryAdd(sweep, 0, "{}", 0);
        const string Words = "'; DROP TABLE msvit_trial; -- <b>\u0001\"\\ \ud83d\ude00";
        Assert.True(store.Finish(store.Claim(sweep, "w", Lease)!, TrialState.Failed, new Dictionary<string, double>(), Words, null));
        Assert.Equal(Words, Assert.Single(store.Trials(sweep)).Failure);
    }

    [Fact]
    public void A_trial_whose_worker_is_silent_is_taken_over_with_its_curve_and_the_old_worker_is_told()
    {
        var store = Open();
        var sweep = store.Open("a", "{}", "{}").Id;
        store.TryAdd(sweep, 0, "{}", 0);
        var old = store.Claim(sweep, "dead", Lease)!;
        store.Report(old, new(1, 0.5, 1, 1));
        // The store's clock decides when the lease is over.
        TrialClaim? claimed = null;
        Assert.True(SpinWait.SpinUntil(() => (claimed = store.Claim(sweep, "alive", TimeSpan.FromMilliseconds(1))) is not null, Patience));
        var taken = claimed!;
        Assert.Equal((2, "alive", 1), (taken.Attempt, taken.Trial.Worker, taken.Trial.Curve.Count));
        Assert.False(store.Heartbeat(old));
        Assert.False(store.Report(old, new(2, 0.9, 1, 1)));
        Assert.False(store.Release(old));
        Assert.False(store.Finish(old, TrialState.Completed, new Dictionary<string, double>(), null, null));
        Assert.True(store.Finish(taken, TrialState.Pruned, new Dictionary<string, double>(), null, null));
        Assert.Single(Assert.Single(store.Trials(sweep)).Curve);
        // What has ended is nobody's to take.
        Assert.Null(store.Claim(sweep, "late", TimeSpan.Zero));
    }

    [Fact]
    public void A_released_trial_is_available_at_once_and_the_lowest_number_comes_first()
    {
        var store = Open();
        var sweep = store.Open("a", "{}", "{}").Id;
        store.TryAdd(sweep, 1, "{}", 0);
        store.TryAdd(sweep, 0, "{}", 0);
        var claim = store.Claim(sweep, "w", Lease)!;
        Assert.Equal(0, claim.Trial.Number);
        Assert.True(store.Release(claim));
        Assert.Equal(0, store.Claim(sweep, "w", Lease)!.Trial.Number);
        Assert.Equal(1, store.Claim(sweep, "w", Lease)!.Trial.Number);
    }

    [Fact]
    public void Many_threads_get_each_trial_once()
    {
        const int Count = 60;
        var store = Open();
        var sweep = store.Open("a", "{}", "{}").Id;
        for (var number = 0; number < Count; number++)
        {
            store.TryAdd(sweep, number, "{}", 0);
        }
        var claimed = new System.Collections.Concurrent.ConcurrentBag<int>();
        var threads = Enumerable.Range(0, 4).Select(worker => new Thread(() =>
        {
            while (store.Claim(sweep, $"w{worker}", Lease) is { } claim)
            {
                claimed.Add(claim.Trial.Number);
                store.Report(claim, new(1, 0, 0, 0));
                store.Finish(claim, TrialState.Completed, new Dictionary<string, double>(), null, null);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(Enumerable.Range(0, Count), claimed.Order());
        Assert.All(store.Trials(sweep), trial => Assert.Equal(TrialState.Completed, trial.State));
    }
}
