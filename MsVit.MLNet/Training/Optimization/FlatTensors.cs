using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Tensors of one type whose values lie in one block of memory, so that one operation reads or changes all of them.</summary>
/// <remarks>Each begins at a multiple of 64 elements, as aligned as the kernels of a GPU want it. Between them are zeros.</remarks>
internal sealed class FlatTensors : IDisposable
{
    private const int Alignment = 64;

    private readonly Tensor?[] _gaps;
    private readonly TorchDispatcher? _operators;

    // Made when other values are first gathered: another block, and its parts in the members' shapes.
    private Tensor? _gathered;
    private Tensor[] _parts = [];

    /// <summary>Moves the values of tensors into a new block. The tensors stay the same objects.</summary>
    /// <param name="members">At least one. They have one type and one device.</param>
    /// <param name="operators">Gather other values in one call; null (the default) for one or two calls for each tensor.</param>
    public FlatTensors(IReadOnlyList<Tensor> members, TorchDispatcher? operators = null)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        (Members, _operators) = (members, operators);
        var (type, device) = (members[0].dtype, members[0].device);
        Block = zeros([members.Sum(Room)], dtype: type, device: device).DetachFromDisposeScope();
        _gaps = [.. members.Select(member => Room(member) == member.numel() ? null
            : zeros([Room(member) - member.numel()], dtype: type, device: device).DetachFromDisposeScope())];
        var from = 0L;
        foreach (var member in members)
        {
            var part = Part(Block, member, from);
            _ = part.copy_(member);
            _ = member.set_(part);
            from += Room(member);
        }
    }

    /// <summary>The tensors.</summary>
    public IReadOnlyList<Tensor> Members { get; }

    /// <summary>The values of all of them, [all].</summary>
    public Tensor Block { get; }

    /// <summary>The elements that a tensor takes in a block.</summary>
    public static long Room(Tensor member) => (member.numel() + Alignment - 1) / Alignment * Alignment;

    /// <summary>Other values in the order of the block, [all], in the caller's scope.</summary>
    /// <param name="values">One tensor per member, of its size.</param>
    public Tensor Joined(IEnumerable<Tensor> values)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(cat([.. values.SelectMany((value, index) =>
            _gaps[index] is { } gap ? (Tensor[])[value.reshape(-1), gap] : [value.reshape(-1)])]));
    }

    /// <summary>
    /// The same, in one call. The result belongs to this object and is overwritten by the next call. Without operators for it, it is
    /// <see cref="Joined"/>.
    /// </summary>
    /// <param name="values">One tensor per member, of its shape.</param>
    public Tensor Gathered(IReadOnlyCollection<Tensor> values)
    {
        if (_operators is null)
        {
            return Joined(values);
        }
        using var gradientFree = no_grad();
        if (_gathered is null)
        {
            _gathered = zeros_like(Block).DetachFromDisposeScope();
            var from = 0L;
            _parts = new Tensor[Members.Count];
            foreach (var (i, member) in Members.Index())
            {
                _parts[i] = Part(_gathered, member, from).DetachFromDisposeScope();
                from += Room(member);
            }
        }
        _operators.CopyAll(_parts, values);
        return _gathered;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gathered?.Dispose();
        Array.ForEach(_parts, part => part.Dispose());
        Block.Dispose();
        foreach (var gap in _gaps)
        {
            gap?.Dispose();
        }
    }

    private static Tensor Part(Tensor block, Tensor member, long from)
    {
        using var flat = block.narrow(0, from, member.numel());
        return flat.view(member.shape);
    }
}
