namespace MsVit.MLNet.Analysis;

/// <summary>What a training report shows besides the evaluation.</summary>
public sealed record RunReportOptions
{
    /// <summary>The heading. The default is "Training run".</summary>
    public string Title { get; init; } = "Training run";

    /// <summary>The label column: a key column with the model's labels. The default is "Label".</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Epoch records from <c>TrainingProgress.Record</c>; without them (the default) the report has no learning curves.</summary>
    public IReadOnlyList<EpochRecord> History { get; init; } = [];

    /// <summary>One line on the evaluated data and how the best epoch was chosen.</summary>
    public string Protocol { get; init; } = "Evaluated on the rows given to the report; the best epoch was chosen on validation rows.";

    /// <summary>The maximum number of images of mistakes, 0-200. The default is 24.</summary>
    public int MaxImages { get; init; } = 24;

    /// <summary>Additional tables, such as energy. The default is none.</summary>
    public IReadOnlyList<ReportTable> Tables { get; init; } = [];
}
