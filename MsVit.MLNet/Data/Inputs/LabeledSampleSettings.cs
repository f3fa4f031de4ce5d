namespace MsVit.MLNet;

/// <summary>How labeled samples are read into a store.</summary>
internal sealed record LabeledSampleSettings
{
    /// <summary>A column of Single that says how much each row counts in the loss; null (the default) if all count equally.</summary>
    public string? WeightColumnName { get; init; }

    /// <summary>
    /// A column of the vectors of a teacher; null (the default) for none. With it, rows without a label are kept.
    /// </summary>
    public string? TeacherColumnName { get; init; }

    /// <summary>Whether images are kept encoded or decoded. The default is <see cref="SampleStorage.Auto"/>.</summary>
    public SampleStorage Storage { get; init; }

    /// <summary>Bytes of samples kept in memory; the rest goes to files.</summary>
    public required long MemoryBudget { get; init; }

    /// <summary>The folder for these files.</summary>
    public required string Workspace { get; init; }

    /// <summary>What to do with an image or a recording that cannot be read.</summary>
    public required UndecodableImagePolicy Undecodable { get; init; }

    /// <summary>Threads that decode.</summary>
    public required int Workers { get; init; }

    /// <summary>Called now and then; throws to stop.</summary>
    public Action CheckAlive { get; init; } = static () => { };

    /// <summary>Stops the reading with an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }
}
