namespace MsVit.MLNet.Analysis;

/// <summary>What a run's report shows beside the evaluation.</summary>
public sealed record RunReportOptions
{
    /// <summary>The heading. The default is "Training run".</summary>
    public string Title { get; init; } = "Training run";

    /// <summary>The label column, a key as the model's. The default is "Label".</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>The records of the epochs, as <c>TrainingProgress.Record</c> gives them; none (the default) for no learning curves.</summary>
    public IReadOnlyList<EpochRecord> History { get; init; } = [];

    /// <summary>What the data was: one line on the evaluated set and how the best epoch was chosen.</summary>
    public string Protocol { get; init; } = "Evaluated on the rows given to the report; the best epoch was chosen on validation rows.";

    /// <summary>Images of worst mistakes at most, 0-200. The default is 24.</summary>
    public int MaxImages { get; init; } = 24;

    /// <summary>Further tables, such as energy; none by default.</summary>
    public IReadOnlyList<ReportTable> Tables { get; init; } = [];
}
