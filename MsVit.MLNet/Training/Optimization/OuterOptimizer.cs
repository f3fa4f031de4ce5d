using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The outer step of local training: SGD with Nesterov momentum on what a round of steps has changed.</summary>
/// <remarks>
/// With w the weights after the last outer step, p the mean over the ranks of their present weights, rate r and momentum m:
/// <code>
/// d = w - p      v = m v + d      w = w - r (d + m v) = p + (1 - r) d - r m v
/// </code>
/// The last form is computed, so that rate 1 without momentum takes p as it is. Douillard et al., "DiLoCo: Distributed Low-Communication
/// Training of Language Models", 2023 (arXiv 2311.08105).
/// </remarks>
internal sealed class OuterOptimizer : IDisposable
{
    /// <summary>The prefix of the keys of <see cref="State"/>.</summary>
    public const string Prefix = "outer.";

    private readonly double _rate, _momentum;
    private readonly (string Name, Tensor Weight, Tensor Last, Tensor Velocity)[] _weights;

    /// <param name="learned">The parameters.</param>
    /// <param name="rate">r, above 0.</param>
    /// <param name="momentum">m, 0 to below 1.</param>
    public OuterOptimizer(IEnumerable<LearnedParameter> learned, double rate, double momentum)
    {
        using var gradientFree = no_grad();
        (_rate, _momentum) = (rate, momentum);
        _weights = [.. learned.Select(item => (
            item.Name, (Tensor)item.Parameter, item.Parameter.detach().clone().DetachFromDisposeScope(),
            zeros_like(item.Parameter).DetachFromDisposeScope()))];
    }

    /// <summary>Takes the outer step. The parameters have the mean over the ranks.</summary>
    public void Step()
    {
        using var gradientFree = no_grad();
        foreach (var (_, weight, last, velocity) in _weights)
        {
            using var scope = NewDisposeScope();
            TensorExpression mean = weight, change = last.sub(weight);
            _ = velocity.copy_(((TensorExpression)velocity * _momentum) + change);
            _ = weight.copy_(mean + (change * (1 - _rate)) - ((TensorExpression)velocity * (_rate * _momentum)));
            _ = last.copy_(weight);
        }
    }

    /// <summary>The state to resume from, after an outer step: "outer.v/NAME" of each parameter.</summary>
    /// <returns>The optimizer's own tensors. They change with the next step; the caller must not dispose them.</returns>
    public IReadOnlyDictionary<string, Tensor> State() => _weights.ToDictionary(item => $"{Prefix}v/{item.Name}", item => item.Velocity);

    /// <summary>Resumes from what <see cref="State"/> returned. The parameters have the weights of that outer step.</summary>
    /// <exception cref="ArgumentException">A tensor is missing, unknown, or has another shape or type. Nothing is changed then.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        StoredTensors.Restore(State(), state, Prefix);
        using var gradientFree = no_grad();
        foreach (var (_, weight, last, _) in _weights)
        {
            _ = last.copy_(weight);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, _, last, velocity) in _weights)
        {
            last.Dispose();
            velocity.Dispose();
        }
    }
}
