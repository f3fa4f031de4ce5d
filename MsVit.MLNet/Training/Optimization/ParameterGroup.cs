using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Parameters with the same decay and rate as one vector: on a GPU a step is a dozen operations for all of them.</summary>
/// <remarks>The moments of a joined group are one block of memory. A group of one uses the parameter as it is.</remarks>
internal sealed class ParameterGroup : IDisposable
{
    private readonly bool _isJoined;

    private ParameterGroup(IReadOnlyList<LearnedParameter> members, Tensor mean, Tensor square, bool isJoined) =>
        (Members, Mean, Square, _isJoined) = (members, mean, square, isJoined);

    /// <summary>A group of one parameter, which keeps its moments.</summary>
    public static ParameterGroup Of(LearnedParameter single) => new([single], single.Mean, single.Square, isJoined: false);

    /// <summary>Joins parameters. Their moments become views of the group's moments.</summary>
    /// <param name="members">At least one.</param>
    public static ParameterGroup Join(IReadOnlyList<LearnedParameter> members)
    {
        using var gradientFree = no_grad();
        var mean = Joined(members, member => member.Mean).DetachFromDisposeScope();
        var square = Joined(members, member => member.Square).DetachFromDisposeScope();
        ForEach(members, (member, from) => member.Keep(Part(mean, member, from), Part(square, member, from)));
        return new(members, mean, square, isJoined: true);
    }

    /// <summary>The members.</summary>
    public IReadOnlyList<LearnedParameter> Members { get; }

    /// <summary>0 or more.</summary>
    public double WeightDecay => Members[0].WeightDecay;

    /// <summary>Above 0.</summary>
    public double Rate => Members[0].Rate;

    /// <summary>The index of its first element among the elements of all parameters.</summary>
    public long First => Members[0].First;

    /// <summary>m, [all]. A single parameter has its own shape here, and so do its gradient and weights.</summary>
    public Tensor Mean { get; }

    /// <summary>v, [all].</summary>
    public Tensor Square { get; }

    /// <summary>The gradients as one vector, [all]; null if a member has none.</summary>
    public Tensor? Gradients() =>
        !_isJoined ? Members[0].Parameter.grad
        : Members.All(member => member.Parameter.grad is not null) ? Joined(Members, member => member.Parameter.grad!)
        : null;

    /// <summary>Updates the parameters.</summary>
    /// <param name="change">Updates the weights, [all], in place.</param>
    public void ChangeWeights(Action<Tensor> change)
    {
        if (!_isJoined)
        {
            change(Members[0].Parameter);
            return;
        }
        using var weights = Joined(Members, member => member.Parameter);
        change(weights);
        ForEach(Members, (member, from) =>
        {
            using var part = Part(weights, member, from);
            _ = member.Parameter.copy_(part);
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isJoined)
        {
            Mean.Dispose();
            Square.Dispose();
        }
    }

    private static Tensor Part(Tensor all, LearnedParameter member, long from)
    {
        using var part = all.narrow(0, from, member.Parameter.numel());
        return part.view(member.Parameter.shape);
    }

    private static Tensor Joined(IEnumerable<LearnedParameter> members, Func<LearnedParameter, Tensor> of)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(cat([.. members.Select(member => of(member).reshape(-1))]));
    }

    private static void ForEach(IEnumerable<LearnedParameter> members, Action<LearnedParameter, long> act)
    {
        var from = 0L;
        foreach (var member in members)
        {
            act(member, from);
            from += member.Parameter.numel();
        }
    }
}
