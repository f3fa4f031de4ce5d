using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Everything that a step changes: the network, its optimizer, the average of its weights.</summary>
internal sealed class LearnedState : IDisposable
{
    /// <param name="network">The network that learns, on the device where it stays.</param>
    /// <param name="recipe">The recipe.</param>
    public LearnedState(MsVitNetwork network, TrainingRecipe recipe)
    {
        Network = network;
        Optimizer = new AdamW(network, new() { WeightDecay = recipe.WeightDecay, LayerDecay = recipe.LayerDecay });
        Average = recipe.WeightAverageDecay > 0 ? new(network, recipe.WeightAverageDecay, recipe.WeightAverageWarmup) : null;
        Statistics = new(network);
    }

    /// <summary>The network that learns.</summary>
    public MsVitNetwork Network { get; }

    /// <summary>Its optimizer.</summary>
    public AdamW Optimizer { get; }

    /// <summary>The average of its weights; null if none is kept.</summary>
    public WeightAverage? Average { get; }

    /// <summary>Its running statistics before the step.</summary>
    public NormStatistics Statistics { get; }

    /// <summary>The tensors of optimizer and average, by name. They own them.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors() =>
        new Dictionary<string, Tensor>([.. Optimizer.State(), .. Average?.State() ?? new Dictionary<string, Tensor>()]);

    /// <summary>Resumes from what <see cref="Tensors"/> returned.</summary>
    public void Load(IReadOnlyDictionary<string, Tensor> tensors)
    {
        Optimizer.Load(tensors);
        Average?.Load(tensors);
    }

    /// <summary>Undoes what a step has done so far.</summary>
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
