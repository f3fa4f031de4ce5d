using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Parameters with the same decay and rate as one vector: on a GPU a step is a dozen operations for all of them.</summary>
/// <remarks>
/// The weights of a joined group and each of its moments are one block of memory. A group of one uses the parameter as it is.
/// </remarks>
internal sealed class ParameterGroup : IDisposable
{
    private readonly FlatTensors? _weights, _means, _squares;

    private ParameterGroup(
        IReadOnlyList<LearnedParameter> members, FlatTensors? weights = null, FlatTensors? means = null, FlatTensors? squares = null) =>
        (Members, _weights, _means, _squares) = (members, weights, means, squares);

    /// <summary>A group of one parameter, which keeps its moments.</summary>
    public static ParameterGroup Of(LearnedParameter single) => new([single]);

    /// <summary>Joins parameters: their weights and moments move into blocks of memory.</summary>
    /// <param name="members">At least one.</param>
    /// <param name="operators">Gather the gradients and take the steps; null for torch's plain operations.</param>
    public static ParameterGroup Join(IReadOnlyList<LearnedParameter> members, TorchDispatcher? operators)
    {
        foreach (var member in members)
        {
            member.Room = FlatTensors.Room(member.Parameter);
        }
        return new(
            members, new([.. members.Select(member => member.Parameter)], operators), new([.. members.Select(member => member.Mean)]),
            new([.. members.Select(member => member.Square)]))
        {
            Operators = operators,
        };
    }

    /// <summary>The members.</summary>
    public IReadOnlyList<LearnedParameter> Members { get; }

    /// <summary>What takes its steps in one call; null for a single parameter, or for torch's plain operations.</summary>
    public TorchDispatcher? Operators { get; private init; }

    /// <summary>0 or more.</summary>
    public double WeightDecay => Members[0].WeightDecay;

    /// <summary>Above 0.</summary>
    public double Rate => Members[0].Rate;

    /// <summary>The index of its first element among the elements of all parameters.</summary>
    public long First => Members[0].First;

    /// <summary>The weights of a joined group; null for a single parameter.</summary>
    public FlatTensors? Weights => _weights;

    /// <summary>m, [all]. A single parameter has its own shape here, and so do its gradient and weights.</summary>
    public Tensor Mean => _means?.Block ?? Members[0].Mean;

    /// <summary>v, [all].</summary>
    public Tensor Square => _squares?.Block ?? Members[0].Square;

    /// <summary>The gradients as one vector, [all]; null if a member has none.</summary>
    public Tensor? Gradients() =>
        _weights is null ? Members[0].Parameter.grad
        : Members.All(member => member.Parameter.grad is not null)
            ? _weights.Gathered([.. Members.Select(member => member.Parameter.grad!)])
        : null;

    /// <summary>Updates the parameters.</summary>
    /// <param name="change">Updates the weights, [all], in place.</param>
    public void ChangeWeights(Action<Tensor> change) => change(_weights?.Block ?? Members[0].Parameter);

    /// <inheritdoc/>
    public void Dispose()
    {
        _weights?.Dispose();
        _means?.Dispose();
        _squares?.Dispose();
    }
}
