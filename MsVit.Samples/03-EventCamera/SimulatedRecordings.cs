using Microsoft.ML;
using MsVit.MLNet.Events;

namespace MsVit.Samples.EventCamera;

/// <summary>Shapes that move in front of a simulated camera, written in the format of N-MNIST.</summary>
internal static class SimulatedRecordings
{
    private const int Size = 34;
    private const int TrainRecordings = 1000;
    private const int TestRecordings = 200;

    /// <summary>Writes both sets into the temporary folder. The test set has another seed, so it has no training data.</summary>
    public static Recordings Load(MLContext mlContext)
    {
        var folder = Path.Combine(Path.GetTempPath(), "msvit-simulated-events");
        Console.WriteLine($"Simulating {TrainRecordings} training and {TestRecordings} test recordings of moving shapes "
            + $"({Size} x {Size} pixels) in {folder}.");
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
