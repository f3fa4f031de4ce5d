using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A parameter and its moments in AdamW.</summary>
internal sealed class LearnedParameter : IDisposable
{
    /// <param name="name">The parameter's name in its network.</param>
    /// <param name="parameter">The parameter, float32. The network owns it.</param>
    /// <param name="weightDecay">Its weight decay.</param>
    /// <param name="rate">The factor of its learning rate.</param>
    public LearnedParameter(string name, Parameter parameter, double weightDecay, double rate)
    {
        (Name, Parameter, WeightDecay, Rate) = (name, parameter, weightDecay, rate);
        Room = parameter.numel();
        // In the parameter's memory order.
        Mean = zeros_like(parameter).DetachFromDisposeScope();
        Square = zeros_like(parameter).DetachFromDisposeScope();
    }

    public string Name { get; }

    public Parameter Parameter { get; }

    /// <summary>0 or more.</summary>
    public double WeightDecay { get; }

    /// <summary>Above 0.</summary>
    public double Rate { get; }

    /// <summary>The index of its first element among the elements of all parameters.</summary>
    public long First { get; set; }

    /// <summary>Its layer, as in <see cref="LayerDecay"/>.</summary>
    public int Layer { get; init; }

    /// <summary>Whether it has a gradient on any rank, in <see cref="GradientBlock"/>.</summary>
    public bool HasGradient { get; set; }

    /// <summary>The elements that it takes among those of all parameters; more than it has if its group is joined.</summary>
    public long Room { get; set; }

    /// <summary>m, the running mean of the gradient.</summary>
    public Tensor Mean { get; }

    /// <summary>v, the running mean of its square.</summary>
    public Tensor Square { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Mean.Dispose();
        Square.Dispose();
    }
}
