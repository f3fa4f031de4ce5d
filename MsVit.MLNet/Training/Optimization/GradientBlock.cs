using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The gradients of all parameters in one block of memory, group after group, for ranks to sum.</summary>
/// <remarks>
/// The block is filled from the last layers to the first, in buckets of at least a given size, so that the sum of a bucket can begin while
/// the backward pass goes on. The buckets are the same on all ranks. A parameter without a gradient has zeros here, as on a rank that
/// has no pass in a step.
/// </remarks>
internal sealed class GradientBlock : IDisposable
{
    private readonly IReadOnlyList<ParameterGroup> _groups;
    private readonly Bucket[] _buckets;
    private readonly Tensor _values, _check;
    private int _filled;

    /// <param name="groups">The groups.</param>
    /// <param name="bucketBytes">The least size of a bucket, 1 or more.</param>
    public GradientBlock(IReadOnlyList<ParameterGroup> groups, long bucketBytes)
    {
        using var gradientFree = no_grad();
        _groups = groups;
        LearnedParameter[] members = [.. groups.SelectMany(group => group.Members)];
        var first = members[0].Parameter;
        _values = zeros([members.Sum(member => member.Room)], dtype: float32, device: first.device).DetachFromDisposeScope();
        _check = zeros([], dtype: float32, device: first.device).DetachFromDisposeScope();
        _buckets = [.. Buckets(members, bucketBytes)];
    }

    /// <summary>Whether the gradients of this rank are finite in the buckets that were filled, [], bool.</summary>
    public Tensor IsFinite => _check.isfinite();

    /// <summary>Begins a step.</summary>
    public void Clear()
    {
        _filled = 0;
        _ = _check.zero_();
    }

    /// <summary>Fills the buckets whose gradients are complete, from the last layer to the first.</summary>
    /// <param name="layer">All gradients behind this layer are complete; -1 for all.</param>
    /// <returns>The parts of the block that were filled, each [n]. They belong to the block.</returns>
    public IEnumerable<Tensor> FillBehind(int layer)
    {
        for (; _filled < _buckets.Length && _buckets[_filled].From > layer; _filled++)
        {
            foreach (var (members, part) in _buckets[_filled].Parts)
            {
                Fill(members, part);
                yield return part;
            }
        }
    }

    /// <summary>The gradients as the update takes them: views of the block, in the caller's scope.</summary>
    public StepGradients Gradients()
    {
        var (pieces, from) = (new List<(ParameterGroup, Tensor)>(), 0L);
        foreach (var group in _groups)
        {
            if (group.Weights is not null && group.Members.All(member => member.HasGradient))
            {
                var count = group.Members.Sum(member => member.Room);
                pieces.Add((group, _values.narrow(0, from, count)));
                from += count;
                continue;
            }
            foreach (var member in group.Members)
            {
                var count = member.Parameter.numel();
                if (member.HasGradient)
                {
                    pieces.Add((ParameterGroup.Of(member), _values.narrow(0, from, count).view(member.Parameter.shape)));
                }
                from += member.Room;
            }
        }
        return new(pieces);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, part) in _buckets.SelectMany(bucket => bucket.Parts))
        {
            part.Dispose();
        }
        _values.Dispose();
        _check.Dispose();
    }

    private void Fill(LearnedParameter[] members, Tensor part)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        _ = part.copy_(cat([.. members.SelectMany(Flat)]));
        _ = _check.AddInPlace(part.sum());
    }

    // The layers of a bucket lie apart in the block if there are several groups.
    private IEnumerable<Bucket> Buckets(LearnedParameter[] members, long least)
    {
        var (layers, bytes) = (new HashSet<int>(), 0L);
        int[] all = [.. members.Select(member => member.Layer).Distinct().OrderDescending()];
        foreach (var layer in all)
        {
            layers.Add(layer);
            bytes += sizeof(float) * members.Where(member => member.Layer == layer).Sum(member => member.Parameter.numel());
            if (bytes >= least || layer == all[^1])
            {
                yield return new(layer, [.. Parts(members, layers)]);
                (layers, bytes) = ([], 0);
            }
        }
    }

    private IEnumerable<(LearnedParameter[] Members, Tensor Part)> Parts(LearnedParameter[] members, HashSet<int> layers)
    {
        var (run, first, from) = (new List<LearnedParameter>(), 0L, 0L);
        foreach (var member in members)
        {
            if (layers.Contains(member.Layer))
            {
                first = run.Count == 0 ? from : first;
                run.Add(member);
            }
            else if (run.Count > 0)
            {
                yield return ([.. run], _values.narrow(0, first, from - first).DetachFromDisposeScope());
                run.Clear();
            }
            from += member.Room;
        }
        if (run.Count > 0)
        {
            yield return ([.. run], _values.narrow(0, first, from - first).DetachFromDisposeScope());
        }
    }

    // The gradient, and zeros for what else the parameter takes in the block.
    private static IEnumerable<Tensor> Flat(LearnedParameter learned)
    {
        var (count, gradient) = (learned.Parameter.numel(), learned.Parameter.grad);
        if (gradient is not null)
        {
            yield return gradient.reshape(-1);
        }
        if ((gradient is null ? learned.Room : learned.Room - count) is var missing and > 0)
        {
            yield return zeros([missing], dtype: float32, device: learned.Parameter.device);
        }
    }

    // Its first layer, and its parts of the block with the parameters in them.
    private sealed record Bucket(int From, (LearnedParameter[] Members, Tensor Part)[] Parts);
}
