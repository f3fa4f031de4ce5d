using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Scalars for TensorBoard, with the epoch as the step: figures of the run, of all neurons and of every layer.</summary>
/// <remarks>The writer is from TorchSharp. It opens and closes its file for every value.</remarks>
internal sealed class TensorBoardEpochLog(string path) : IEpochLog
{
    private readonly Queue<EpochRecord> _unwritten = [];
    private SummaryWriter? _writer;

    public string Path => path;

    public void Write(EpochRecord record)
    {
        _unwritten.Enqueue(record);
        if (_writer is null)
        {
            Directory.CreateDirectory(path);
            TensorBoardFiles.KeepBefore(_unwritten.Peek().Epoch, path);
            _writer = utils.tensorboard.SummaryWriter(path);
        }
        while (_unwritten.TryPeek(out var next))
        {
            foreach (var (tag, value) in Scalars(next).Where(scalar => double.IsFinite(scalar.Value)))
            {
                _writer.add_scalar(tag, (float)value, next.Epoch);
            }
            _unwritten.Dequeue();
        }
    }

    private static IEnumerable<(string Tag, double Value)> Scalars(EpochRecord record)
    {
        IEnumerable<(string, double)> run =
        [
            ("loss/train", record.TrainLoss),
            ("loss/teacher", record.TeacherLoss),
            ("loss/validation", record.ValidationLoss),
            ("top1/train", record.TrainAccuracy),
            ("top1/validation", record.ValidationAccuracy),
            ("top5/validation", record.ValidationTop5Accuracy),
            ("run/learning_rate", record.LearningRate),
            ("run/samples_per_second", record.SamplesPerSecond),
        ];
        return record.Activity is not { } activity ? run :
        [
            .. run,
            ("neurons/firing_rate", activity.FiringRate),
            ("neurons/dead_share", activity.DeadShare),
            ("neurons/saturated_share", activity.SaturatedShare),
            .. activity.Layers.Select(layer => ($"firing_rate/{layer.Name}", layer.FiringRate)),
            .. activity.Layers.Select(layer => ($"dead_share/{layer.Name}", layer.DeadShare)),
            .. activity.Layers.Select(layer => ($"saturated_share/{layer.Name}", layer.SaturatedShare)),
        ];
    }
}
