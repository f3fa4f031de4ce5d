using Microsoft.ML;
using MsVit.MLNet.Events;

namespace MsVit.Samples.EventCamera;

/// <summary>Figures moved before a simulated camera, written as files of the N-MNIST format like those of a real one.</summary>
internal static class SimulatedRecordings
{
    private const int Size = 34;
    private const int TrainRecordings = 1000;
    private const int TestRecordings = 200;

    /// <summary>Writes both sets into the temporary folder. The test set comes from another seed: it is never trained on.</summary>
    public static Recordings Load(MLContext mlContext)
    {
        var folder = Path.Combine(Path.GetTempPath(), "msvit-simulated-events");
        Console.WriteLine($"Recording {TrainRecordings} + {TestRecordings} moving shapes with a simulated camera of {Size} x {Size} pixels into {folder}.");
        return new(
            mlContext.Data.LoadEventRecordings(Record(Path.Combine(folder, "train"), TrainRecordings, seed: 1), new(Size, Size)),
            mlContext.Data.LoadEventRecordings(Record(Path.Combine(folder, "test"), TestRecordings, seed: 2), new(Size, Size)));
    }

    private static string Record(string folder, int count, ulong seed)
    {
        var shapes = new SimulatedShapes(seed, Size);
        foreach (var name in SimulatedShapes.ClassNames)
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
        }
        Parallel.For(0, count, i =>
        {
            using var file = EventWriter.Atis(Path.Combine(folder, SimulatedShapes.ClassNames[SimulatedShapes.Label(i)], $"{i:00000}.bin"));
            file.Write(shapes.Record(i));
            file.Complete();
        });
        return folder;
    }
}
