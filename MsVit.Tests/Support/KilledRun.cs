using System.Security.Cryptography;
using Microsoft.ML;
using MsVit.MLNet;

namespace MsVit.Tests.Support;

/// <summary>A training run of some seconds that saves itself often, for a process that is killed and started again.</summary>
internal static class KilledRun
{
    public const string Stepped = "step";
    public const string Finished = "weights";

    /// <summary>Trains with checkpoints in a folder; prints a line at every report, and at the end the SHA-256 of the weights.</summary>
    public static void Train(string folder)
    {
        var ml = new MLContext(seed: 1);
        using var model = (IDisposable)DotTask.Pipeline(ml, Options(folder)).Fit(DotTask.Data(ml, 160));
        Console.WriteLine($"{Finished} {Weights((ITransformer)model)}");
    }

    public static MsVitOptions Options(string? folder) => DotTask.Options(options =>
    {
        options.Recipe = DotTask.Recipe with
        {
            MaxEpoch = 40,
            StochasticDepth = 0.2,
            WeightAverageDecay = 0.99,
            MaxGradientNorm = 1,
            MicroBatchSize = 10
        };
        options.CheckpointPath = folder;
        options.CheckpointInterval = TimeSpan.FromMilliseconds(20);
        options.Progress = report => Console.WriteLine($"{Stepped} {report.Epoch} {report.Step}");
    });

    public static string Weights(ITransformer model)
    {
        var transformer = ((IEnumerable<ITransformer>)model).OfType<MsVitTransformer>().Single();
        using var bytes = new MemoryStream();
        NetworkWeights.Save(transformer.Model.Network, bytes);
        return Convert.ToHexString(SHA256.HashData(bytes.ToArray()));
    }
}
