using MsVit.MLNet.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Adam with decoupled weight decay, over the parameters of a network that want gradients.</summary>
/// <remarks>
/// With gradient g, learning rate r, decay w and step t from 1, in torch's order:
/// <code>
/// p = p (1 - r w)      m = beta1 m + (1 - beta1) g      v = beta2 v + (1 - beta2) g^2
/// p = p - r / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
/// </code>
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019. On the CPU this is one pass over the memory,
/// elsewhere torch operations. Parameters with one axis or fewer (biases, norms, time constants) are not decayed.
/// </remarks>
internal sealed class AdamW : IDisposable
{
    /// <summary>With which the keys of <see cref="State"/> begin.</summary>
    public const string Prefix = "adamw.";

    private readonly AdamWOptions _options;
    private readonly LaneWidth _width;
    private readonly LearnedParameter[] _learned;
    private readonly Tensor _count;
    private long _steps;

    // The steps, where a device counts them: float64, [].
    private Tensor? _gated;

    // Made when gradients are joined for the first time.
    private IReadOnlyList<ParameterGroup>? _groups;

    /// <param name="network">On the device where it stays. Parameters that want no gradient now are left out.</param>
    /// <param name="options">Decay and moments.</param>
    /// <param name="width">The vectors to use; the CPU's widest by default.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a parameter is not float32; the message says which.</exception>
    public AdamW(nn.Module network, AdamWOptions options, LaneWidth? width = null)
    {
        options.Validate();
        using var gradientFree = no_grad();
        (_options, _width) = (options, width ?? LaneWidths.Best);
        var all = network.named_parameters().ToArray();
        var rates = new LayerDecay(all.Select(item => item.name), options.LayerDecay);
        var learned = all.Where(item => item.parameter.requires_grad).ToArray();
        Check(learned);
        _learned = [.. learned.Select(item => new LearnedParameter(
            item.name, item.parameter, item.parameter.dim() > 1 ? options.WeightDecay : 0, rates.RateOf(item.name)))];
        _count = zeros(1, dtype: int64, device: CPU).DetachFromDisposeScope();
    }

    /// <summary>Steps done, 0 before the first.</summary>
    public long Steps => _gated is null ? _steps : (long)_gated.item<double>();

    /// <summary>Numbers that are learned.</summary>
    public long Count => _learned.Sum(learned => learned.Parameter.numel());

    /// <summary>The gradients as they are now; of the caller's scope.</summary>
    /// <param name="joined">Whether those of one decay and one rate are copied one after the other, for <see cref="StepIf"/>; else each is a piece.</param>
    public StepGradients Gradients(bool joined)
    {
        using var gradientFree = no_grad();
        return new(joined ? _groups ??= Group() : _learned.Select(ParameterGroup.Of));
    }

    /// <summary>Changes the parameters by their gradients. One without a gradient stays as it is.</summary>
    /// <param name="learningRate">0 or more.</param>
    /// <param name="gradientScale">What all gradients are multiplied by: of clipping, of a scaled loss. The default is 1.</param>
    public void Step(double learningRate, double gradientScale = 1)
    {
        using var scope = NewDisposeScope();
        Step(Gradients(joined: false), learningRate, gradientScale);
    }

    /// <summary>The same with gradients that are known.</summary>
    /// <param name="gradients">Of this step, not joined.</param>
    /// <param name="learningRate">0 or more.</param>
    /// <param name="gradientScale">What all gradients are multiplied by.</param>
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

    /// <summary>The parameter at a place that <see cref="StepGradients.NotFinite"/> gave, of whichever step.</summary>
    public string NameAt(double place) => _learned.First(learned => place >= learned.First && place < learned.First + learned.Parameter.numel()).Name;

    /// <summary>The same as torch operations, if a flag on the device says so; nothing waits for the device.</summary>
    /// <param name="gradients">Of this step, joined.</param>
    /// <param name="taken">[], bool. If it is false, parameters and moments keep their bits, whatever the gradients are.</param>
    /// <param name="learningRate">0 or more.</param>
    /// <param name="gradientScale">What all gradients are multiplied by, [], float64.</param>
    public void StepIf(StepGradients gradients, Tensor taken, double learningRate, Tensor gradientScale)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        _gated ??= tensor((double)_steps, dtype: float64).to(taken.device).DetachFromDisposeScope();
        _ = _gated.AddInPlace(taken.to(float64));
        var step = new GatedAdamW(_options, taken, _gated, learningRate, gradientScale);
        foreach (var (group, gradient) in gradients.Pieces)
        {
            step.Run(group, gradient);
        }
    }

    /// <summary>Forgets the gradients.</summary>
    public void ZeroGradients()
    {
        foreach (var learned in _learned)
        {
            learned.Parameter.grad = null;
        }
    }

    /// <summary>What has to be kept to go on later: "adamw.m/NAME" and "adamw.v/NAME" of each parameter, and "adamw.step" [1], int64.</summary>
    /// <returns>The optimizer's own tensors: they change with the next step, and are not the caller's to dispose of.</returns>
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

    /// <summary>Goes on from what <see cref="State"/> gave; tensors whose keys begin otherwise are passed over.</summary>
    /// <exception cref="ArgumentException">A tensor is missing, unknown, or of another shape or type; nothing is changed then.</exception>
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

    // A parameter without a gradient at the first step will hardly have one later, and would take its group apart each time: it stays a group of one.
    private ParameterGroup[] Group()
    {
        var (withGradient, without) = (_learned.Where(learned => learned.Parameter.grad is not null), _learned.Where(learned => learned.Parameter.grad is null));
        ParameterGroup[] groups =
        [
            .. withGradient.GroupBy(learned => (learned.WeightDecay, learned.Rate)).Select(group => ParameterGroup.Join([.. group])),
            .. without.Select(ParameterGroup.Of),
        ];
        var place = 0L;
        foreach (var learned in groups.SelectMany(group => group.Members))
        {
            learned.First = place;
            place += learned.Parameter.numel();
        }
        return groups;
    }

    private static bool IsOnePass(LearnedParameter learned, Tensor gradient) =>
        DenseMemory.Is(learned.Parameter)
        && DenseMemory.Agree(learned.Parameter, gradient)
        && DenseMemory.Agree(learned.Parameter, learned.Mean)
        && DenseMemory.Agree(learned.Parameter, learned.Square);

    private static void Check(IEnumerable<(string Name, Parameter Parameter)> learned)
    {
        string[] others = [.. learned.Where(item => item.Parameter.dtype != float32).Select(item => $"'{item.Name}' ({item.Parameter.dtype})")];
        if (others.Length > 0)
        {
            throw new ArgumentException($"AdamW takes float32 parameters; these are of another type: {string.Join(", ", others)}.");
        }
    }
}
