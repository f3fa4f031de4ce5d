using MsVit.MLNet.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Adam with decoupled weight decay, for the parameters of a network that require gradients.</summary>
/// <remarks>
/// With gradient g, learning rate r, decay w and step t from 1, in torch's order:
/// <code>
/// p = p (1 - r w)      m = beta1 m + (1 - beta1) g      v = beta2 v + (1 - beta2) g^2
/// p = p - r / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
/// </code>
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019. On the CPU this is one pass over memory, on other devices
/// torch operations. Parameters with one axis or fewer (biases, norms, time constants) are not decayed.
/// </remarks>
internal sealed class AdamW : IDisposable
{
    /// <summary>The prefix of the keys of <see cref="State"/>.</summary>
    public const string Prefix = "adamw.";

    private readonly AdamWOptions _options;
    private readonly LaneWidth _width;
    private readonly LearnedParameter[] _learned;
    private readonly Tensor _count;
    private long _steps;

    // The steps, if the device counts them: float64, [].
    private Tensor? _gated;

    // Made when gradients are joined for the first time.
    private IReadOnlyList<ParameterGroup>? _groups;

    /// <param name="network">The network, on the device where it stays. Parameters that require no gradient now are ignored.</param>
    /// <param name="options">Decay and moments.</param>
    /// <param name="width">The vector width; the widest of the CPU by default.</param>
    /// <param name="more">Parameters that are learned with the network and are not part of it; null (the default) for none.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a parameter is not float32; the message says which.</exception>
    public AdamW(
        nn.Module network, AdamWOptions options, LaneWidth? width = null, IEnumerable<(string Name, Parameter Parameter)>? more = null)
    {
        options.Validate();
        using var gradientFree = no_grad();
        (_options, _width) = (options, width ?? LaneWidths.Best);
        (string name, Parameter parameter)[] all = [.. network.named_parameters(), .. more ?? []];
        var rates = new LayerDecay(all.Select(item => item.name), options.LayerDecay);
        var learned = all.Where(item => item.parameter.requires_grad).ToArray();
        Check(learned);
        _learned = [.. learned.Select(item => new LearnedParameter(
            item.name, item.parameter, item.parameter.dim() > 1 ? options.WeightDecay : 0, rates.RateOf(item.name))
        {
            Layer = rates.LayerOf(item.name),
        })];
        _count = zeros(1, dtype: int64, device: CPU).DetachFromDisposeScope();
    }

    /// <summary>Steps done, 0 before the first.</summary>
    public long Steps
    {
        get => _gated is null ? _steps : (long)_gated.item<double>();
        set => CountTo(value);
    }

    /// <summary>
    /// Operators of torch that take a step of a joined group in one call, if they pass a trial. The default is libtorch's.
    /// </summary>
    public TorchDispatcher Operators { get; init; } = TorchDispatcher.OfThisProcess;

    /// <summary>Receives a line if <see cref="Operators"/> should be there and cannot be used.</summary>
    public Action<string> Notice { get; init; } = static _ => { };

    /// <summary>The parameters with their moments.</summary>
    public IReadOnlyList<LearnedParameter> Learned => _learned;

    /// <summary>The number of learned values.</summary>
    public long Count => _learned.Sum(learned => learned.Parameter.numel());

    /// <summary>The current gradients, in the caller's scope.</summary>
    /// <param name="joined">
    /// Whether gradients of the same decay and rate are copied into one vector, for <see cref="StepIf"/>; otherwise each parameter is a
    /// piece.
    /// </param>
    public StepGradients Gradients(bool joined)
    {
        using var gradientFree = no_grad();
        return new(joined ? _groups ??= Group(static learned => learned.Parameter.grad is not null) : _learned.Select(ParameterGroup.Of));
    }

    /// <summary>The weights of the groups that were joined, by an update that takes joined gradients.</summary>
    public IEnumerable<FlatTensors> Blocks => (_groups ?? []).Select(group => group.Weights).OfType<FlatTensors>();

    /// <summary>Whether each parameter has a gradient now, in their order.</summary>
    public IEnumerable<bool> HaveGradients => _learned.Select(learned => learned.Parameter.grad is not null);

    /// <summary>Notes which parameters have a gradient on any rank, in their order. The others are not updated.</summary>
    public void NoteGradients(IReadOnlyList<bool> has)
    {
        foreach (var (index, learned) in _learned.Index())
        {
            learned.HasGradient = has[index];
        }
    }

    /// <summary>A block for the gradients of all ranks. The caller disposes it.</summary>
    /// <remarks>Call <see cref="NoteGradients"/> of the first step before.</remarks>
    /// <param name="joined">Whether parameters of the same decay and rate are a piece; otherwise each parameter is one.</param>
    /// <param name="bucketBytes">The least size of a bucket.</param>
    public GradientBlock Block(bool joined, long bucketBytes)
    {
        using var gradientFree = no_grad();
        return new(
            joined ? _groups ??= Group(static learned => learned.HasGradient) : [.. _learned.Select(ParameterGroup.Of)], bucketBytes);
    }

    /// <summary>Updates the parameters from their gradients. Parameters without a gradient do not change.</summary>
    /// <param name="learningRate">0 or more.</param>
    /// <param name="gradientScale">A factor for all gradients, from clipping or a scaled loss. The default is 1.</param>
    public void Step(double learningRate, double gradientScale = 1)
    {
        using var scope = NewDisposeScope();
        Step(Gradients(joined: false), learningRate, gradientScale);
    }

    /// <summary>Updates the parameters from given gradients.</summary>
    /// <param name="gradients">The gradients of this step, not joined.</param>
    /// <param name="learningRate">0 or more.</param>
    /// <param name="gradientScale">A factor for all gradients.</param>
    public void Step(StepGradients gradients, double learningRate, double gradientScale)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var pass = new AdamWPass(_width);
        CountTo(Steps + 1);
        foreach (var (group, gradient) in gradients.Pieces)
        {
            var learned = group.Members[0];
            var factors = AdamWFactors.Of(
                _options.Beta1, _options.Beta2, _options.Eps, learningRate * learned.Rate, learned.WeightDecay, gradientScale, _steps);
            if (IsOnePass(learned, gradient))
            {
                pass.Add(learned.Parameter, gradient, learned.Mean, learned.Square, factors);
            }
            else
            {
                AdamWOperations.Run(learned, gradient, factors);
            }
        }
        pass.Run();
    }

    /// <summary>The name of the parameter at a place that <see cref="StepGradients.FindNonFiniteOnDevice"/> returned in any step.</summary>
    public string NameAt(double place) =>
        _learned.First(learned => place >= learned.First && place < learned.First + learned.Parameter.numel()).Name;

    /// <summary>
    /// Updates the parameters, if a flag on the device is true: with one operation of torch for each joined group, or with a dozen if
    /// <see cref="Operators"/> are not there or failed their trial. Nothing waits for the device.
    /// </summary>
    /// <param name="gradients">The gradients of this step, joined.</param>
    /// <param name="taken">[], bool. If it is false, parameters and moments do not change by a bit, whatever the gradients are.</param>
    /// <param name="learningRate">0 or more.</param>
    /// <param name="gradientScale">A factor for all gradients, [], float64.</param>
    public void StepIf(StepGradients gradients, Tensor taken, double learningRate, Tensor gradientScale)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        _gated ??= tensor((double)_steps, dtype: float64).to(taken.device).DetachFromDisposeScope();
        _ = _gated.AddInPlace(taken.to(float64));
        var (composed, fused) = (default(GatedAdamW), default(FusedAdamW));
        foreach (var (group, gradient) in gradients.Pieces)
        {
            if (group.Operators is { } operators)
            {
                fused ??= new(_options, taken, _gated, learningRate, gradientScale);
                fused.Run(operators, group, gradient);
            }
            else
            {
                composed ??= new(_options, taken, _gated, learningRate, gradientScale);
                composed.Run(group, gradient);
            }
        }
    }

    /// <summary>Clears the gradients.</summary>
    public void ZeroGradients()
    {
        foreach (var learned in _learned)
        {
            learned.Parameter.grad = null;
        }
    }

    /// <summary>The state to resume from: "adamw.m/NAME" and "adamw.v/NAME" of each parameter, and "adamw.step" [1], int64.</summary>
    /// <returns>The optimizer's own tensors. They change with the next step; the caller must not dispose them.</returns>
    public IReadOnlyDictionary<string, Tensor> State()
    {
        using var steps = Steps.ToScalar();
        _count.fill_(steps);
        var state = new Dictionary<string, Tensor> { [Prefix + "step"] = _count };
        foreach (var learned in _learned)
        {
            state.Add($"{Prefix}m/{learned.Name}", learned.Mean);
            state.Add($"{Prefix}v/{learned.Name}", learned.Square);
        }
        return state;
    }

    /// <summary>Resumes from what <see cref="State"/> returned. Tensors with other prefixes are ignored.</summary>
    /// <exception cref="ArgumentException">A tensor is missing, unknown, or has another shape or type. Nothing is changed then.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        StoredTensors.Restore(State(), state, Prefix);
        CountTo(_count.item<long>());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var learned in _learned)
        {
            learned.Dispose();
        }
        foreach (var group in _groups ?? [])
        {
            group.Dispose();
        }
        _count.Dispose();
        _gated?.Dispose();
    }

    private void CountTo(long steps)
    {
        _steps = steps;
        _gated?.Dispose();
        _gated = null;
    }

    // A parameter without a gradient in the first step will hardly have one later, and would split its group each time: it is a group of
    // one.
    private ParameterGroup[] Group(Func<LearnedParameter, bool> has)
    {
        var (hasGradient, operators) = (_learned.ToLookup(has), TriedOperators());
        ParameterGroup[] groups =
        [
            .. hasGradient[true].GroupBy(learned => (learned.WeightDecay, learned.Rate))
                .Select(group => ParameterGroup.Join([.. group], operators)),
            .. hasGradient[false].Select(ParameterGroup.Of),
        ];
        var place = 0L;
        foreach (var learned in groups.SelectMany(group => group.Members))
        {
            learned.First = place;
            place += learned.Room;
        }
        return groups;
    }

    private TorchDispatcher? TriedOperators()
    {
        if (!Operators.IsOffered || _learned.Length == 0)
        {
            return null;
        }
        if (FusedTrial.Failure(Operators, _learned[0].Parameter.device) is { } reason)
        {
            Notice(
                "AdamW takes a call into torch for each tensor of weights and a dozen for each group of them, in place of one per group. "
                + $"On a GPU, small networks train more slowly. The cause: {reason}");
            return null;
        }
        return Operators;
    }

    private static bool IsOnePass(LearnedParameter learned, Tensor gradient) =>
        DenseMemory.Is(learned.Parameter)
        && DenseMemory.Agree(learned.Parameter, gradient)
        && DenseMemory.Agree(learned.Parameter, learned.Mean)
        && DenseMemory.Agree(learned.Parameter, learned.Square);

    private static void Check(IEnumerable<(string Name, Parameter Parameter)> learned)
    {
        var others = learned.Where(item => item.Parameter.dtype != float32).ToArray();
        if (others.Length > 0)
        {
            var names = string.Join(", ", others.Select(item => $"'{item.Name}' ({item.Parameter.dtype})"));
            throw new ArgumentException($"AdamW takes float32 parameters; these have another type: {names}.");
        }
    }
}
