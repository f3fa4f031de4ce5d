using System.Globalization;

namespace MsVit.MLNet;

/// <summary>An estimate of the memory that a training run takes, in bytes, computed from sizes before anything is built.</summary>
/// <remarks>
/// Most of it is what is kept for the gradients. This grows with the samples that go through the network at a time, with the time steps and
/// with the area of the input. Left out are .NET, torch itself (about 300 MiB), and batches that wait. On the CPU the measured peaks of
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

    /// <summary>
    /// Copies of the weights: the best epoch, the average if the recipe keeps one, and a second network if training uses fewer frames than
    /// the network reads.
    /// </summary>
    public required long Copies { get; init; }

    /// <summary>The most activations and gradients of activations at one time.</summary>
    public required long Activations { get; init; }

    /// <summary>Samples in memory, as passed in.</summary>
    public required long Samples { get; init; }

    /// <summary>How many samples go through the network at a time.</summary>
    public required int MicroBatchSize { get; init; }

    /// <summary>The sum of all parts.</summary>
    public long Total => Parameters + Gradients + Optimizer + Copies + Activations + Samples;

    /// <summary>Estimates the memory of a recipe on a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="recipe">Gives batch size, precision and recomputation.</param>
    /// <param name="samples">Bytes of samples in memory, at most <see cref="MsVitOptions.MemoryBudget"/>. The default is 0.</param>
    /// <param name="gpu">Whether the network is trained on a GPU, where layers keep more. The default is false.</param>
    /// <exception cref="ArgumentException">The config is not valid, or a value of the recipe is out of its range.</exception>
    public static MemoryEstimate Of(MsVitConfig network, TrainingRecipe recipe, long samples = 0, bool gpu = false)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        network.Validate();
        if (recipe.ValidationErrors().FirstOrDefault() is { } fault)
        {
            throw new ArgumentException($"The recipe cannot be used: {fault}", nameof(recipe));
        }
        var subset = recipe.Frames.TrainTimeSteps is var steps && steps > 0 && steps < network.TimeSteps;
        var micro = recipe.MicroBatchSize > 0 ? recipe.MicroBatchSize : recipe.BatchSize;
        var plan = NetworkPlan.Of(subset ? network with { TimeSteps = steps } : network);
        var weights = plan.ParameterCount * sizeof(float);
        return new()
        {
            Parameters = weights,
            Gradients = weights,
            Optimizer = 2 * weights,
            Copies = weights * (1 + (recipe.WeightAverageDecay > 0 ? 1 : 0) + (subset ? 1 : 0)),
            Activations = new ActivationMemory(plan, recipe, micro, gpu).Peak,
            Samples = samples,
            MicroBatchSize = micro,
        };
    }

    /// <summary>The estimate in one line.</summary>
    public override string ToString() =>
        $"about {Size(Total)}: activations {Size(Activations)} ({MicroBatchSize} samples at a time), weights {Size(Parameters)}, "
        + $"gradients {Size(Gradients)}, optimizer {Size(Optimizer)}, copies of the weights {Size(Copies)}"
        + (Samples > 0 ? $", samples {Size(Samples)}" : "");

    // Halves the samples at a time until the estimate fits, and returns them with the total; (0, 0) if it never fits.
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
