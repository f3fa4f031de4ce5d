using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The exponential moving average of a network's weights. Buffers (norm statistics) are copied.</summary>
/// <remarks>
/// average = d average + (1 - d) weight after every step. With warm-up, step n (from 0) uses min(d, 1 - (1 + n)^(-2/3)), so that the
/// initial weights are soon forgotten, as in timm's ModelEmaV3. The average begins with the current weights.
/// </remarks>
internal sealed class WeightAverage : IDisposable
{
    /// <summary>The prefix of the keys of <see cref="State"/>.</summary>
    public const string Prefix = "ema.";

    private const double WarmupPower = 2.0 / 3;

    private readonly double _decay;
    private readonly bool _warmup;
    private readonly (string Name, Tensor Own, Tensor Average, bool IsLearned)[] _weights;
    private readonly Tensor _count;
    private bool _isSwapped;

    // The same as blocks of memory, and what lies in no block; made when blocks are first given.
    private (Tensor Own, Tensor Average, bool IsLearned)[]? _joined;
    private FlatTensors[] _blocks = [];

    /// <param name="network">The network, on the device where it stays.</param>
    /// <param name="decay">d, 0 to below 1.</param>
    /// <param name="warmup">Whether the first steps use a smaller d. The default is false.</param>
    /// <exception cref="ArgumentException">The decay is out of range.</exception>
    public WeightAverage(nn.Module network, double decay, bool warmup = false)
    {
        if (!(decay is >= 0 and < 1))
        {
            throw new ArgumentException($"The decay of the weight average is {decay}; it must be 0 or more and below 1.", nameof(decay));
        }
        (_decay, _warmup) = (decay, warmup);
        using var gradientFree = no_grad();
        _weights = [.. network.named_parameters().Select(item => (item.name, (Tensor)item.parameter, Copy(item.parameter), true)),
            .. network.named_buffers().Select(item => (item.name, item.buffer, Copy(item.buffer), false))];
        _count = zeros(1, dtype: int64, device: CPU).DetachFromDisposeScope();
    }

    /// <summary>Steps that were averaged.</summary>
    public long Steps { get; private set; }

    /// <summary>The share of the average that the next step keeps.</summary>
    public double Decay => _warmup ? Math.Min(_decay, 1 - Math.Pow(1 + Steps, -WarmupPower)) : _decay;

    /// <summary>Adds the current weights to the average.</summary>
    /// <param name="steps">For how many steps they count, 1 or more. The default is 1.</param>
    /// <exception cref="InvalidOperationException">The network has the averaged weights.</exception>
    public void Update(int steps = 1)
    {
        if (_isSwapped)
        {
            throw new InvalidOperationException("The network has the averaged weights; swap them back before the next step.");
        }
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var keep = 1.0;
        for (var i = 0; i < steps; i++)
        {
            keep *= Decay;
            Steps++;
        }
        var share = 1 - keep;
        foreach (var (_, own, average, isLearned) in _weights)
        {
            if (isLearned && average.is_floating_point())
            {
                average.lerp_(own, share);
            }
            else
            {
                average.copy_(own);
            }
        }
    }

    /// <summary>
    /// Adds the current weights if a flag on the device says that the step was taken. Nothing waits for the device. The warm-up counts
    /// skipped steps too.
    /// </summary>
    /// <param name="taken">[], bool. If it is false, the weights are those before the step.</param>
    /// <param name="blocks">Blocks of memory in which weights and buffers lie, the same in each call.</param>
    public void UpdateIf(Tensor taken, IEnumerable<FlatTensors> blocks)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var share = (taken.to(float64) * tensor(1 - Decay, dtype: float64)).to(float32);
        foreach (var (own, average, isLearned) in _joined ??= Join([.. blocks]))
        {
            _ = isLearned && average.is_floating_point() ? average.lerp_(own, share) : average.copy_(own);
        }
        Steps++;
    }

    /// <summary>Gives the network the averaged weights until the returned object is disposed; then it has its own weights again.</summary>
    /// <exception cref="InvalidOperationException">It has the averaged weights already.</exception>
    public IDisposable SwapIn() => _isSwapped
        ? throw new InvalidOperationException("The network has the averaged weights already.")
        : new SwappedIn(this);

    /// <summary>The state to resume from: "ema.weight/NAME" of each parameter and buffer, and "ema.step" [1], int64.</summary>
    /// <returns>The average's own tensors. They change with the next step; the caller must not dispose them.</returns>
    public IReadOnlyDictionary<string, Tensor> State()
    {
        if (_isSwapped)
        {
            throw new InvalidOperationException("The network has the averaged weights; swap them back before they are stored.");
        }
        using var steps = Steps.ToScalar();
        _count.fill_(steps);
        var state = _weights.ToDictionary(weight => $"{Prefix}weight/{weight.Name}", weight => weight.Average);
        state.Add(Prefix + "step", _count);
        return state;
    }

    /// <summary>Resumes from what <see cref="State"/> returned. Tensors with other prefixes are ignored.</summary>
    /// <exception cref="ArgumentException">A tensor is missing, unknown, or has another shape or type. Nothing is changed then.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        StoredTensors.Restore(State(), state, Prefix);
        Steps = _count.item<long>();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var weight in _weights)
        {
            weight.Average.Dispose();
        }
        Array.ForEach(_blocks, block => block.Dispose());
        _count.Dispose();
    }

    // The averages move into blocks like those of the weights.
    private (Tensor Own, Tensor Average, bool IsLearned)[] Join(IReadOnlyList<FlatTensors> blocks)
    {
        var weights = new Dictionary<Tensor, (Tensor Average, bool IsLearned)>(ReferenceEqualityComparer.Instance);
        foreach (var (_, own, average, isLearned) in _weights)
        {
            weights.Add(own, (average, isLearned));
        }
        FlatTensors[] whole = [.. blocks.Where(block => block.Members.All(weights.ContainsKey))];
        _blocks = [.. whole.Select(block => new FlatTensors([.. block.Members.Select(member => weights[member].Average)]))];
        var members = whole.SelectMany(block => block.Members).ToHashSet<Tensor>(ReferenceEqualityComparer.Instance);
        return
        [
            .. whole.Zip(_blocks, (block, average) => (block.Block, average.Block, weights[block.Members[0]].IsLearned)),
            .. _weights.Where(weight => !members.Contains(weight.Own)).Select(weight => (weight.Own, weight.Average, weight.IsLearned)),
        ];
    }

    private static Tensor Copy(Tensor tensor)
    {
        using var detached = tensor.detach();
        return detached.clone().DetachFromDisposeScope();
    }

    private void Swap()
    {
        using var gradientFree = no_grad();
        foreach (var (_, own, average, _) in _weights)
        {
            using var kept = own.detach().clone();
            own.copy_(average);
            average.copy_(kept);
        }
        _isSwapped = !_isSwapped;
    }

    private sealed class SwappedIn : IDisposable
    {
        private WeightAverage? _average;

        public SwappedIn(WeightAverage average)
        {
            _average = average;
            average.Swap();
        }

        public void Dispose()
        {
            _average?.Swap();
            _average = null;
        }
    }
}
