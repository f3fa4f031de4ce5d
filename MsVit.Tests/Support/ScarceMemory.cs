using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML;
using MsVit.MLNet.Network;
using MsVit.MLNet.Training;

namespace MsVit.Tests.Support;

/// <summary>A training run that gets less memory than its batch needs, for a process of its own.</summary>
internal static partial class ScarceMemory
{
    public const string Weights = "weights";
    public const int Half = 32;

    private const int BatchSize = 64;
    private const int AddressSpace = 9;

    // Between what half of the batch takes and what all of it does, each known to a quarter.
    private const double Share = 0.7;

    private static readonly MsVitConfig Network = DotTask.Network with { EmbedDim = 64, TimeSteps = 16 };

    private static readonly TrainingRecipe Recipe = DotTask.Recipe with { BatchSize = BatchSize, MaxEpoch = 1 };

    /// <summary>Trains in passes of half a batch, then in whole ones with too little memory; prints notices and weights of both.</summary>
    public static void Train()
    {
        // Blocks that are kept would be there already when the limit is set.
        AppContext.SetSwitch("MsVit.KeepFreedBlocks", false);
        Run(Recipe with { MicroBatchSize = Half });
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Limit(Size() + (long)(Share * MemoryEstimate.Of(Network, Recipe).Activations));
        Run(Recipe);
    }

    private static void Run(TrainingRecipe recipe)
    {
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) =>
        {
            if (e.Message.Contains("Memory ran out", StringComparison.Ordinal))
            {
                Console.WriteLine(e.Message);
            }
        };
        using var model = (IDisposable)DotTask.Pipeline(ml, DotTask.Options(o => (o.Network, o.Recipe, o.ValidationFraction) = (Network, recipe, 0)))
            .Fit(DotTask.Data(ml, 2 * BatchSize));
        Console.WriteLine($"{Weights} {KilledRun.Weights((ITransformer)model)}");
    }

    // VmSize:	  123456 kB
    private static long Size()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmSize:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan("VmSize:".Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
    }

    private static void Limit(long bytes)
    {
        var limits = new Limits((ulong)bytes, (ulong)bytes);
        Assert.Equal(0, SetLimit(AddressSpace, in limits));
    }

    [LibraryImport("libc.so.6", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limits limits);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limits(ulong Soft, ulong Hard);
}
