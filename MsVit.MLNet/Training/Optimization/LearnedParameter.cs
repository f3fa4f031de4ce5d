using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A parameter and what AdamW keeps of its past.</summary>
internal sealed class LearnedParameter : IDisposable
{
    /// <param name="name">Of the parameter in its network.</param>
    /// <param name="parameter">float32; the network's.</param>
    /// <param name="weightDecay">Its decay.</param>
    /// <param name="rate">What its learning rate is multiplied by.</param>
    public LearnedParameter(string name, Parameter parameter, double weightDecay, double rate)
    {
        (Name, Parameter, WeightDecay, Rate) = (name, parameter, weightDecay, rate);
        // In the parameter's order in memory.
        Mean = zeros_like(parameter).DetachFromDisposeScope();
        Square = zeros_like(parameter).DetachFromDisposeScope();
    }

    public string Name { get; }

    public Parameter Parameter { get; }

    /// <summary>0 or more.</summary>
    public double WeightDecay { get; }

    /// <summary>Above 0.</summary>
    public double Rate { get; }

    /// <summary>The place of its first element among those of all parameters.</summary>
    public long First { get; set; }

    /// <summary>m, the running mean of the gradient.</summary>
    public Tensor Mean { get; private set; }

    /// <summary>v, the running mean of its square.</summary>
    public Tensor Square { get; private set; }

    /// <summary>Keeps the moments elsewhere from now on; they are taken over.</summary>
    public void Keep(Tensor mean, Tensor square)
    {
        Dispose();
        (Mean, Square) = (mean.DetachFromDisposeScope(), square.DetachFromDisposeScope());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Mean.Dispose();
        Square.Dispose();
    }
}
