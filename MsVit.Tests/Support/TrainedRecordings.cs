using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace MsVit.Tests.Support;

/// <summary>A folder of recordings and a model that was trained on it.</summary>
public sealed class TrainedRecordings : IDisposable
{
    private readonly RecordingFolder _recordings = new(perClass: 2);
    private readonly TemporaryFolder _folder = new();

    public TrainedRecordings()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadEventRecordings(Recordings);
        var options = DotTask.Options(options =>
        {
            options.Network = DotTask.Network with { Input = InputKind.Frames, TimeSteps = 4, Channels = 2 };
            options.Recipe = DotTask.Recipe with { MaxEpoch = 1, BatchSize = 2 };
            options.ValidationFraction = 0;
        });
        var trained = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.EventsToFrames(frames: new()
            {
                TimeSteps = 4,
                Area = new() { Size = new SensorSize(DotTask.Size, DotTask.Size) },
            }))
            .Append(ml.MulticlassClassification.Trainers.MsVit(options))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(data);
        using var owned = (IDisposable)trained;
        Model = Path.Combine(_folder.Path, "recordings.zip");
        ml.Model.Save(trained, data.Schema, Model);
    }

    /// <summary>The recordings, in a folder for each class.</summary>
    public string Recordings => _recordings.Path;

    public string Model { get; }

    public void Dispose()
    {
        _recordings.Dispose();
        _folder.Dispose();
    }

    /// <summary>Copies the recordings.</summary>
    internal void CopyTo(TemporaryFolder folder, string below)
    {
        foreach (var file in Directory.GetFiles(Recordings, "*", SearchOption.AllDirectories))
        {
            folder.Write(Path.Combine(below, Path.GetRelativePath(Recordings, file)), File.ReadAllBytes(file));
        }
    }
}
