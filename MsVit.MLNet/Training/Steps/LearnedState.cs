using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>All that a step changes: the network, its optimizer, the average of its weights.</summary>
internal sealed class LearnedState : IDisposable
{
    /// <param name="network">The network that learns, on the device where it stays.</param>
    /// <param name="recipe">How.</param>
    public LearnedState(MsVitNetwork network, TrainingRecipe recipe)
    {
        Network = network;
        Optimizer = new AdamW(network, new() { WeightDecay = recipe.WeightDecay, LayerDecay = recipe.LayerDecay });
        Average = recipe.WeightAverageDecay > 0 ? new(network, recipe.WeightAverageDecay, recipe.WeightAverageWarmup) : null;
        Statistics = new(network);
    }

    /// <summary>What learns.</summary>
    public MsVitNetwork Network { get; }

    /// <summary>Changes its weights.</summary>
    public AdamW Optimizer { get; }

    /// <summary>The average of its weights; null where none is kept.</summary>
    public WeightAverage? Average { get; }

    /// <summary>Its running statistics before the step.</summary>
    public NormStatistics Statistics { get; }

    /// <summary>The tensors of optimizer and average, by name; their own.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors() =>
        new Dictionary<string, Tensor>([.. Optimizer.State(), .. Average?.State() ?? new Dictionary<string, Tensor>()]);

    /// <summary>Goes on from what <see cref="Tensors"/> gave.</summary>
    public void Load(IReadOnlyDictionary<string, Tensor> tensors)
    {
        Optimizer.Load(tensors);
        Average?.Load(tensors);
    }

    /// <summary>Forgets what a step did so far.</summary>
    public void Undo()
    {
        Optimizer.ZeroGradients();
        Statistics.Restore();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        Average?.Dispose();
        Statistics.Dispose();
    }
}
