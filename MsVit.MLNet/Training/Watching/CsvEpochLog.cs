using System.Globalization;

namespace MsVit.MLNet;

/// <summary>
/// One row per epoch as comma-separated values (RFC 4180), without the figures of single layers. Unknown values are empty.
/// </summary>
internal sealed class CsvEpochLog : IEpochLog
{
    private static readonly (string Name, Func<EpochRecord, double?> Value)[] Columns =
    [
        ("epoch", record => record.Epoch),
        ("train_loss", record => record.TrainLoss),
        ("train_top1", record => record.TrainAccuracy),
        ("validation_loss", record => record.ValidationLoss),
        ("validation_top1", record => record.ValidationAccuracy),
        ("validation_top5", record => record.ValidationTop5Accuracy),
        ("learning_rate", record => record.LearningRate),
        ("samples_per_second", record => record.SamplesPerSecond),
        ("best_epoch", record => record.BestEpoch),
        ("elapsed_seconds", record => record.Elapsed.TotalSeconds),
        ("firing_rate", record => record.Activity?.FiringRate),
        ("dead_share", record => record.Activity?.DeadShare),
        ("saturated_share", record => record.Activity?.SaturatedShare),
    ];

    private static readonly (string Name, Func<EpochRecord, double?> Value) Teacher = ("teacher_loss", record => record.TeacherLoss);

    private readonly (string Name, Func<EpochRecord, double?> Value)[] _columns;
    private readonly LineLog _lines;

    /// <param name="path">The file.</param>
    /// <param name="hasTeacher">Whether the last column is the teacher's loss. The default is false.</param>
    public CsvEpochLog(string path, bool hasTeacher = false)
    {
        _columns = hasTeacher ? [.. Columns, Teacher] : Columns;
        _lines = new(path, "\r\n", string.Join(',', _columns.Select(column => column.Name)), line =>
            int.TryParse(line.Split(',')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : null);
    }

    public string Path => _lines.Path;

    public void Write(EpochRecord record) =>
        _lines.Append(record.Epoch, string.Join(',', _columns.Select(column => Text(column.Value(record)))));

    // No value contains a comma, a quote or a line end, so none is quoted.
    private static string Text(double? value) =>
        value is { } number && double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "";
}
