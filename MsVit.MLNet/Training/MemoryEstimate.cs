using System.Globalization;

namespace MsVit.MLNet;

/// <summary>About how much memory a training run takes, in bytes, computed from sizes before anything is made.</summary>
/// <remarks>
/// What is kept for the gradients decides: it grows with the samples that go through the network at a time, with the time steps and with the area of the
/// images. Left out are .NET, torch itself (about 300 MiB), batches that wait, and scratch memory of the convolutions. On the CPU the peaks of
/// real steps were within a third of gradients and activations together; on a GPU nothing was measured.
/// </remarks>
public sealed record MemoryEstimate
{
    private const double MiB = 1 << 20;

    /// <summary>The weights, float32.</summary>
    public required long Parameters { get; init; }

    /// <summary>Their gradients.</summary>
    public required long Gradients { get; init; }

    /// <summary>The two moments that AdamW keeps of each weight.</summary>
    public required long Optimizer { get; init; }

    /// <summary>Copies of the weights: of the best epoch, of the average where the recipe keeps one, of the network for all frames where fewer are trained on.</summary>
    public required long Copies { get; init; }

    /// <summary>The most activations and gradients of activations at one time.</summary>
    public required long Activations { get; init; }

    /// <summary>Samples held in memory, as given.</summary>
    public required long Samples { get; init; }

    /// <summary>How many samples go through the network at a time.</summary>
    public required int MicroBatchSize { get; init; }

    /// <summary>All of it.</summary>
    public long Total => Parameters + Gradients + Optimizer + Copies + Activations + Samples;

    /// <summary>Estimates what a recipe takes on a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="recipe">With the batch, the precision and what is recomputed.</param>
    /// <param name="samples">Bytes of samples held in memory, which is <see cref="MsVitOptions.MemoryBudget"/> at most. The default is 0.</param>
    /// <param name="gpu">Whether the network is trained on a GPU, where layers keep more. The default is false.</param>
    /// <exception cref="ArgumentException">The network cannot be, or a value of the recipe is out of its range.</exception>
    public static MemoryEstimate Of(MsVitConfig network, TrainingRecipe recipe, long samples = 0, bool gpu = false)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        network.Validate();
        if (recipe.Faults().FirstOrDefault() is { } fault)
        {
            throw new ArgumentException($"The recipe cannot be used: {fault}", nameof(recipe));
        }
        var subset = recipe.Frames.TrainTimeSteps is var steps && steps > 0 && steps < network.TimeSteps;
        var micro = recipe.MicroBatchSize > 0 ? recipe.MicroBatchSize : recipe.BatchSize;
        var walk = new NetworkWalk(subset ? network with { TimeSteps = steps } : network, recipe, micro, gpu);
        var weights = walk.Parameters * sizeof(float);
        return new()
        {
            Parameters = weights,
            Gradients = weights,
            Optimizer = 2 * weights,
            Copies = weights * (1 + (recipe.WeightAverageDecay > 0 ? 1 : 0) + (subset ? 1 : 0)),
            Activations = walk.Peak,
            Samples = samples,
            MicroBatchSize = micro,
        };
    }

    /// <summary>It in one line.</summary>
    public override string ToString() =>
        $"about {Size(Total)}: activations {Size(Activations)} ({MicroBatchSize} samples at a time), weights {Size(Parameters)}, gradients {Size(Gradients)}, "
        + $"optimizer {Size(Optimizer)}, copies of the weights {Size(Copies)}{(Samples > 0 ? $", samples {Size(Samples)}" : "")}";

    // The most samples at a time, halved again and again, with which it fits, and the total then; none if it never does.
    internal (int Samples, long Total) Fitting(MsVitConfig network, TrainingRecipe recipe, long available)
    {
        for (var micro = MicroBatchSize / 2; micro > 0; micro /= 2)
        {
            var total = Of(network, recipe with { MicroBatchSize = micro }, Samples).Total;
            if (total <= available)
            {
                return (micro, total);
            }
        }
        return (0, 0);
    }

    internal static string Size(long bytes) => bytes < 1024 * MiB
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / MiB:0.#} MiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024 * MiB):0.0} GiB");
}
