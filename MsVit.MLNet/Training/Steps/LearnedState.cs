using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Everything that a step changes: the network, its optimizer, the average of its weights.</summary>
internal sealed class LearnedState : IDisposable
{
    // Beside the names of the network's parameters, of which none begins like this.
    private const string Prefix = "teacher.";

    private readonly TeacherProjection? _projection;

    /// <param name="network">The network that learns, on the device where it stays.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="projection">From its features to those of a teacher, learned with it; null (the default) for none.</param>
    /// <param name="operators">Those of the optimizer; null (the default) for libtorch's.</param>
    /// <param name="notice">Receives a line if they cannot be used; null (the default) for nobody.</param>
    public LearnedState(
        MsVitNetwork network, TrainingRecipe recipe, TeacherProjection? projection = null, TorchDispatcher? operators = null,
        Action<string>? notice = null)
    {
        (Network, _projection) = (network, projection);
        Optimizer = new AdamW(
            network, new() { WeightDecay = recipe.WeightDecay, LayerDecay = recipe.LayerDecay }, more: Projection().Select(item =>
                (item.Key, item.Value)))
        {
            Operators = operators ?? TorchDispatcher.OfThisProcess,
            Notice = notice ?? (static _ => { }),
        };
        Average = recipe.WeightAverageDecay > 0 ? new(network, recipe.WeightAverageDecay, recipe.WeightAverageWarmup) : null;
        Outer = recipe.LocalSteps > 0 ? new(Optimizer.Learned, recipe.OuterLearningRate, recipe.OuterMomentum) : null;
        Statistics = new(network, recipe.SyncBatchNorm);
    }

    /// <summary>The network that learns.</summary>
    public MsVitNetwork Network { get; }

    /// <summary>Its optimizer.</summary>
    public AdamW Optimizer { get; }

    /// <summary>The average of its weights; null if none is kept.</summary>
    public WeightAverage? Average { get; }

    /// <summary>The average, if it takes the weights after each step; null if it takes them after each outer step.</summary>
    public WeightAverage? AverageOfSteps => Outer is null ? Average : null;

    /// <summary>The outer step of local training; null without it.</summary>
    public OuterOptimizer? Outer { get; }

    /// <summary>Its running statistics before the step.</summary>
    public NormStatistics Statistics { get; }

    /// <summary>The tensors of optimizers, average and projection, by name. They own them.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors() => new Dictionary<string, Tensor>(
    [
        .. Optimizer.State(),
        .. Average?.State() ?? new Dictionary<string, Tensor>(),
        .. Projection().Select(AsTensor),
        .. Outer?.State() ?? new Dictionary<string, Tensor>(),
    ]);

    /// <summary>Resumes from what <see cref="Tensors"/> returned.</summary>
    public void Load(IReadOnlyDictionary<string, Tensor> tensors)
    {
        Optimizer.Load(tensors);
        Average?.Load(tensors);
        StoredTensors.Restore(Projection().Select(AsTensor).ToDictionary(), tensors, Prefix);
        Outer?.Load(tensors);
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
        Outer?.Dispose();
        Statistics.Dispose();
    }

    private Dictionary<string, Parameter> Projection() =>
        _projection?.named_parameters().ToDictionary(item => Prefix + item.name, item => item.parameter) ?? [];

    private static KeyValuePair<string, Tensor> AsTensor(KeyValuePair<string, Parameter> item) => new(item.Key, item.Value);
}
