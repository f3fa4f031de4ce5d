using MsVit.MLNet.Events;

namespace MsVit.MLNet.Sweep;

/// <summary>How a sweep runs.</summary>
public sealed record SweepSettings
{
    /// <summary>The name by which workers that share a store find and resume the sweep. The default is "sweep".</summary>
    public string Name { get; init; } = "sweep";

    /// <summary>
    /// The options that the parameters change: the network, the recipe and the held-out share
    /// (<see cref="MsVitOptions.ValidationFraction"/>; all trials hold out the same samples). The default is <c>new MsVitOptions()</c>.
    /// </summary>
    public MsVitOptions Options { get; init; } = new();

    /// <summary>How recordings are read, if the rows are recordings. The default suits files that describe themselves.</summary>
    public EventReadOptions Reading { get; init; } = new();

    /// <summary>
    /// The number of trials, 1 or more; null (the default) for the whole grid, or 20 with another sampler. A resumed sweep may ask for
    /// more.
    /// </summary>
    public int? Trials { get; init; }

    /// <summary>
    /// The time after which this worker starts no more trials and releases its current one; null (the default) for no limit.
    /// </summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>The total number of epochs after which no trial is started; null (the default) for no limit.</summary>
    public int? EpochBudget { get; init; }

    /// <summary>How the sweep chooses parameters. The default is <see cref="SamplerKind.Tpe"/>.</summary>
    public SamplerKind Sampler { get; init; } = SamplerKind.Tpe;

    /// <summary>How many values a grid tries of each range of real numbers, 2-100. The default is 5.</summary>
    public int GridPoints { get; init; } = 5;

    /// <summary>
    /// How trials are ended early; it looks at accuracy only, whatever the objectives. The default is <see cref="PrunerKind.Median"/>.
    /// </summary>
    public PrunerKind Pruner { get; init; } = PrunerKind.Median;

    /// <summary>
    /// What to optimize, most important first. With several objectives the result has a Pareto front. The default is accuracy only.
    /// </summary>
    public IReadOnlyList<SweepObjective> Objectives { get; init; } = [SweepObjective.Accuracy];

    /// <summary>
    /// Values to try first, such as known good ones. A missing parameter takes its value from <see cref="Options"/> if the space allows it.
    /// The default is one starting point with the options' values.
    /// </summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> StartingPoints { get; init; } = [new Dictionary<string, string>()];

    /// <summary>The seed of the sampler, the weights and the split, the same for all trials. The default is 0.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// Cross-validation folds, 2-100, whose mean accuracy counts; 0 (the default) for a single held-out part. With folds no models are
    /// kept.
    /// </summary>
    public int Folds { get; init; }

    /// <summary>
    /// Where trials are stored: a file name ending in .db or .sqlite, a PostgreSQL connection string, or null (the default) for memory
    /// only, which is lost when the process ends.
    /// </summary>
    public string? Store { get; init; }

    /// <summary>
    /// The folder for checkpoints and models, shared by all workers; null (the default) for a folder beside the store's file, or for a
    /// temporary one that <see cref="SweepResult.Dispose"/> deletes.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>
    /// How many models to keep, 0 or more: those of the best trials, with several objectives those of the Pareto front first. The default
    /// is 1.
    /// </summary>
    public int KeepModels { get; init; } = 1;

    /// <summary>
    /// How old a worker's last heartbeat may be before another takes over its trial, 1 second to 1 day. The default is 30 seconds.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Called with every progress report, on the thread that runs the sweep.</summary>
    public Action<SweepProgress>? Progress { get; init; }

    /// <summary>Ends the sweep. The running trial is released at its last checkpoint.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Describes every value that is out of range.</summary>
    internal IEnumerable<string> Problems()
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
            yield return $"TimeBudget is {TimeBudget}; it must be positive, or null.";
        }
        if (EpochBudget < 1)
        {
            yield return $"EpochBudget is {EpochBudget}; it must be 1 or more, or null.";
        }
        if (!Enum.IsDefined(Sampler) || !Enum.IsDefined(Pruner))
        {
            yield return $"Sampler is {Sampler} and Pruner is {Pruner}; "
                + $"the samplers are {string.Join(", ", Enum.GetNames<SamplerKind>())}, "
                + $"the pruners {string.Join(", ", Enum.GetNames<PrunerKind>())}.";
        }
        if (GridPoints is < 2 or > 100)
        {
            yield return $"GridPoints is {GridPoints}; it must be 2 to 100.";
        }
        if (Objectives.Count == 0 || Objectives.Distinct().Count() < Objectives.Count || !Objectives.All(Enum.IsDefined))
        {
            yield return $"Objectives are {string.Join(", ", Objectives)}; there must be at least one, without duplicates.";
        }
        if (Folds is < 0 or 1 or > 100)
        {
            yield return $"Folds is {Folds}; it must be 0 for a single held-out part, or 2 to 100.";
        }
        if (Folds == 0 && Options.ValidationFraction == 0)
        {
            yield return "Options.ValidationFraction and Folds are both 0: without held-out samples trials cannot be compared.";
        }
        if (KeepModels < 0)
        {
            yield return $"KeepModels is {KeepModels}; it must be 0 or more.";
        }
        if (Lease < TimeSpan.FromSeconds(1) || Lease > TimeSpan.FromDays(1))
        {
            yield return $"Lease is {Lease}; it must be 1 second to 1 day.";
        }
    }
}

/// <summary>How a sweep chooses parameters.</summary>
public enum SamplerKind
{
    /// <summary>Tree-structured Parzen estimator, which learns from earlier trials. The first ten trials are random.</summary>
    Tpe,

    /// <summary>Every combination once.</summary>
    Grid,

    /// <summary>At random.</summary>
    Random,
}

/// <summary>How a sweep ends unpromising trials early.</summary>
public enum PrunerKind
{
    /// <summary>
    /// Ends a trial whose best accuracy is below the median of the other trials at the same epoch, from the third epoch on and once four
    /// trials have completed.
    /// </summary>
    Median,

    /// <summary>Asynchronous successive halving: at epochs 2, 4, 8, ... the better half continues.</summary>
    SuccessiveHalving,

    /// <summary>All trials run to completion.</summary>
    None,
}

/// <summary>A progress report of a sweep: a trial started, finished an epoch, or ended.</summary>
/// <param name="Trial">The trial that this worker is running, in its current state.</param>
/// <param name="Epoch">The epoch that ended; null if the trial started or ended.</param>
/// <param name="Finished">Ended trials of all workers, as last seen.</param>
/// <param name="Trials">Total number of trials of the sweep.</param>
/// <param name="Best">The best trial so far by the first objective; null if none has completed.</param>
public sealed record SweepProgress(TrialRecord Trial, TrialEpoch? Epoch, int Finished, int Trials, TrialRecord? Best);
