using MsVit.MLNet.Kernels;
using TorchSharp;

namespace MsVit.Trainer.Bench;

/// <summary>How often a part of a step called torch, and how much of that a GPU would be asked to compute.</summary>
/// <param name="Calls">
/// Operators that our code or a node of the graph calls, and launches of our own kernels. Operators that operators call do not count.
/// </param>
/// <param name="Launches">
/// Operators that read or write elements, and launches of our own kernels. Of operators that call each other, the innermost counts.
/// </param>
internal readonly record struct CallTally(int Calls, int Launches);

/// <summary>Counts the calls of a piece of work, by its parts.</summary>
/// <remarks>
/// <para>
/// On a CPU, our passes over its memory are switched off and something that does nothing stands in for the CUDA kernels of the neurons
/// (<see cref="Pass.StandIn"/>), so the library takes the paths of a GPU. What torch does on those paths is counted on the CPU, where its
/// operators are the same as on a GPU down to the innermost ones. A launch is such an operator: on a GPU it is one kernel as a rule, and
/// several for convolutions and large reductions. Work in the backward pass counts for the part whose forward pass made its node.
/// </para>
/// <para>
/// Not counted: what is no operator (shapes, strides, scalars, disposing of tensors), the nodes of the graph themselves, and the copy to
/// page-locked memory and from there. Operators on numbers that stay on the host count like all others.
/// </para>
/// </remarks>
internal sealed class CallCount : ILifCompiler
{
    // Operators that only look at a tensor in another way, reserve memory, or find that there is nothing to do.
    private static readonly HashSet<string> WithoutElements =
    [
        "aten::_conj", "aten::_reshape_alias", "aten::_unsafe_view", "aten::alias", "aten::as_strided", "aten::as_strided_",
        "aten::broadcast_tensors", "aten::chunk", "aten::conj", "aten::contiguous", "aten::detach", "aten::detach_", "aten::empty",
        "aten::empty_like", "aten::empty_strided", "aten::expand", "aten::expand_as", "aten::flatten", "aten::lift_fresh",
        "aten::movedim", "aten::narrow", "aten::new_empty_strided", "aten::permute", "aten::requires_grad_", "aten::reshape",
        "aten::resize_", "aten::resolve_conj", "aten::resolve_neg", "aten::result_type", "aten::select", "aten::set_", "aten::slice",
        "aten::split", "aten::split_with_sizes", "aten::squeeze", "aten::squeeze_", "aten::t", "aten::to", "aten::transpose",
        "aten::transpose_", "aten::unbind", "aten::unflatten", "aten::unsqueeze", "aten::unsqueeze_", "aten::view", "aten::view_as",
        "detach",
    ];

    /// <summary>The part of the nodes that add to the gradients of weights.</summary>
    public const string Accumulation = "accumulation";

    private readonly SortedDictionary<string, CallTally> _parts = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Part, string Operator), int> _operators = [];

    // Where the nodes of each part of the forward pass begin, in their order.
    private readonly List<(long First, string Part)> _nodes = [];

    // Of each operator that runs: whether one within it has touched elements.
    private readonly Stack<(string Name, bool HasLaunched)> _running = [];
    private string _part = "";
    private bool _isOpen;

    /// <summary>The parts, by name.</summary>
    public IReadOnlyDictionary<string, CallTally> Parts => _parts;

    /// <summary>How often each part called each operator, such as aten::add; what operators call does not count.</summary>
    public IReadOnlyDictionary<(string Part, string Operator), int> Operators => _operators;

    /// <summary>All parts.</summary>
    public CallTally Total => new(_parts.Values.Sum(part => part.Calls), _parts.Values.Sum(part => part.Launches));

    /// <summary>The kind of a part that a network's observer names, such as stage1.0.tssa.</summary>
    public static string KindOf(string name) =>
        name == "patch_embed1" ? "stem"
        : name.StartsWith("patch_embed", StringComparison.Ordinal) ? "embedding"
        : name.EndsWith(".tssa", StringComparison.Ordinal) ? "token attention"
        : name.EndsWith(".ssa", StringComparison.Ordinal) ? "self-attention"
        : name.EndsWith(".mlp", StringComparison.Ordinal) ? "MLP"
        : name;

    /// <summary>The pass whose calls are counted.</summary>
    /// <param name="device">The device of the network.</param>
    public Pass NewPass(torch.Device device) =>
        device.type == DeviceType.CPU ? new(gpu: new CudaLif(this, DeviceType.CPU)) : new();

    /// <summary>What follows belongs to this part.</summary>
    public void Begin(string part)
    {
        _part = part;
        if (_isOpen)
        {
            _nodes.Add((TorchOperators.NextNode, part));
        }
    }

    /// <summary>Counts the calls of a piece of work, in addition to those before.</summary>
    public void Of(Action work)
    {
        using var observed = TorchOperators.Observe(
            name =>
            {
                if (!_running.Any(around => IsOperator(around.Name)))
                {
                    Count(name, IsOperator(name) ? 1 : 0, 0);
                }
                _running.Push((name, false));
            },
            () =>
            {
                // An operator that began before it was observed.
                if (!_running.TryPop(out var ended))
                {
                    return;
                }
                var hasLaunched = ended.HasLaunched;
                if (!hasLaunched && IsOperator(ended.Name) && !WithoutElements.Contains(ended.Name)
                    && !_running.Any(around => IsOfLists(around.Name)))
                {
                    Count(ended.Name, 0, 1);
                    hasLaunched = true;
                }
                if (hasLaunched && _running.TryPop(out var around))
                {
                    _running.Push(around with { HasLaunched = true });
                }
            },
            (name, number) => _part = name.Contains("AccumulateGrad", StringComparison.Ordinal) ? Accumulation
                : _nodes.FindLast(node => node.First <= number).Part ?? _part,
            static () => { });
        _isOpen = true;
        try
        {
            work();
        }
        finally
        {
            _isOpen = false;
        }
    }

    /// <inheritdoc/>
    ILifModule ILifCompiler.Compile(LifVariant variant, int device) => new Module(this);

    // The engine reports each node that it evaluates like an operator.
    private static bool IsOperator(string name) => !name.StartsWith("autograd::engine::", StringComparison.Ordinal);

    // On a CPU it takes one tensor after the other; a GPU's kernel takes them all.
    private static bool IsOfLists(string name) => name.StartsWith("aten::_foreach_", StringComparison.Ordinal);

    private void Count(string name, int calls, int launches)
    {
        if (_isOpen)
        {
            var tally = _parts.GetValueOrDefault(_part);
            _parts[_part] = new(tally.Calls + calls, tally.Launches + launches);
            _operators[(_part, name)] = _operators.GetValueOrDefault((_part, name)) + calls;
        }
    }

    // In place of the kernels of a layer. The spikes stay what their memory held.
    private sealed class Module(CallCount count) : ILifModule
    {
        public void Launch(string kernel, uint blocks, in LifPass pass) => count.Count("msvit::" + kernel, 1, 1);
    }
}
