using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Parameters of one decay and one rate, whose moments lie one after the other in memory: on a GPU a step is a dozen operations for all of them.</summary>
internal sealed class ParameterGroup : IDisposable
{
    /// <summary>Moves the members' moments together; they stay views of what the group has.</summary>
    /// <param name="members">At least one.</param>
    public ParameterGroup(IReadOnlyList<LearnedParameter> members)
    {
        using var gradientFree = no_grad();
        Members = members;
        Mean = Joined(member => member.Mean).DetachFromDisposeScope();
        Square = Joined(member => member.Square).DetachFromDisposeScope();
        ForEach((member, from) => member.Keep(Part(Mean, member, from), Part(Square, member, from)));
    }

    /// <summary>The members.</summary>
    public IReadOnlyList<LearnedParameter> Members { get; }

    /// <summary>0 or more.</summary>
    public double WeightDecay => Members[0].WeightDecay;

    /// <summary>Above 0.</summary>
    public double Rate => Members[0].Rate;

    /// <summary>m, [all].</summary>
    public Tensor Mean { get; }

    /// <summary>v, [all].</summary>
    public Tensor Square { get; }

    /// <summary>The gradients one after the other, [all]; null where a member has none.</summary>
    public Tensor? Gradients() => Members.All(member => member.Parameter.grad is not null) ? Joined(member => member.Parameter.grad!) : null;

    /// <summary>A copy of the parameters one after the other, [all].</summary>
    public Tensor Weights() => Joined(member => member.Parameter);

    /// <summary>Gives the parameters their values.</summary>
    /// <param name="weights">[all].</param>
    public void Put(Tensor weights) => ForEach((member, from) =>
    {
        using var part = Part(weights, member, from);
        _ = member.Parameter.copy_(part);
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        Mean.Dispose();
        Square.Dispose();
    }

    private static Tensor Part(Tensor all, LearnedParameter member, long from)
    {
        using var part = all.narrow(0, from, member.Parameter.numel());
        return part.view(member.Parameter.shape);
    }

    private Tensor Joined(Func<LearnedParameter, Tensor> of)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(cat([.. Members.Select(member => of(member).reshape(-1))]));
    }

    private void ForEach(Action<LearnedParameter, long> act)
    {
        var from = 0L;
        foreach (var member in Members)
        {
            act(member, from);
            from += member.Parameter.numel();
        }
    }
}
