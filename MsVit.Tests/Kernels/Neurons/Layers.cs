using System.Runtime.Intrinsics.X86;
using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Neurons;

/// <summary>The layers that the tests of the fused neurons go through, and what one of them does.</summary>
internal static class Layers
{
    public static readonly LifDynamics Published = new(Tau: 2, Threshold: 1, Surrogate.Default);

    /// <summary>Layers by name; those with a w are PLIF layers.</summary>
    public static readonly IReadOnlyDictionary<string, (LifDynamics Dynamics, float? W)> All = new Dictionary<string, (LifDynamics, float?)>
    {
        ["published"] = (Published, null),
        ["threshold 0.5"] = (Published with { Threshold = 0.5 }, null),
        ["threshold 0.3, tau 4"] = (Published with { Threshold = 0.3, Tau = 4 }, null),
        ["tau 3"] = (Published with { Tau = 3 }, null),
        ["tau 1.1"] = (Published with { Tau = 1.1 }, null),
        ["tau 1"] = (Published with { Tau = 1 }, null),
        ["reset to -0.25"] = (Published with { ResetTo = -0.25 }, null),
        ["reset to 0.1, tau 1.7"] = (Published with { ResetTo = 0.1, Tau = 1.7 }, null),
        ["whole input"] = (Published with { DecayInput = false }, null),
        ["whole input, tau 3, reset to 0.1"] = (Published with { DecayInput = false, Tau = 3, ResetTo = 0.1 }, null),
        ["soft reset"] = (Published with { ResetTo = null }, null),
        ["soft reset, threshold 0.5, undetached"] = (Published with { ResetTo = null, Threshold = 0.5, DetachReset = false }, null),
        ["undetached"] = (Published with { DetachReset = false }, null),
        ["undetached, reset to -0.25, tau 3"] = (Published with { DetachReset = false, ResetTo = -0.25, Tau = 3 }, null),
        ["PLIF, w 0.4, undetached soft reset, ATan"] =
            (Published with { ResetTo = null, DetachReset = false, Surrogate = Surrogate.Of(SurrogateFunction.ATan) }, 0.4f),
        ["ATan"] = (Published with { Surrogate = Surrogate.Of(SurrogateFunction.ATan) }, null),
        ["ATan, tau 3"] = (Published with { Surrogate = Surrogate.Of(SurrogateFunction.ATan), Tau = 3 }, null),
        ["PLIF, w 0"] = (Published, 0f),
        ["PLIF, w -0.7, threshold 0.5"] = (Published with { Threshold = 0.5 }, -0.7f),
        ["PLIF, w 0.4, reset to -0.25"] = (Published with { ResetTo = -0.25 }, 0.4f),
        ["PLIF, w 0.4, ATan"] = (Published with { Surrogate = Surrogate.Of(SurrogateFunction.ATan) }, 0.4f),
        ["PLIF, w 0.4, whole input"] = (Published with { DecayInput = false }, 0.4f),
        ["integer, 4 levels"] = (LifDynamics.Integer(tau: 2, levels: 4), null),
        ["integer, 1 level, tau 1"] = (LifDynamics.Integer(tau: 1, levels: 1), null),
        ["integer, 16 levels, tau 3"] = (LifDynamics.Integer(tau: 3, levels: 16), null),
    };

    /// <summary>Those whose instructions this CPU has.</summary>
    public static IEnumerable<LaneWidth> Widths =>
        Enum.GetValues<LaneWidth>().Where(width => width != LaneWidth.Bits512 || Avx512F.IsSupported);

    /// <summary>Random currents that often reach the thresholds, some of them exactly.</summary>
    public static Tensor Currents(ulong seed, params long[] shape)
    {
        using var generator = new Generator(seed);
        var currents = randn(shape, generator: generator) * 1.5 + 0.7;
        // Multiples of 1/8 often add up to a threshold without rounding.
        return where(rand(shape, generator: generator) < 0.3, (currents * 8).round() / 8, currents);
    }

    /// <summary>1 or -1 at random.</summary>
    public static Tensor Signs(ulong seed, params long[] shape)
    {
        using var generator = new Generator(seed);
        return rand(shape, generator: generator).sub_(0.5).sign_().add_(0.5).sign_();
    }

    /// <summary>What the fused neurons do.</summary>
    public static Outcome Fused(Tensor x, LifDynamics dynamics, float? w, Tensor upstream, LaneWidth? width = null) =>
        Run(x, w, upstream, (input, scalar) => FusedLif.Fire(input, dynamics, new(), scalar, width));

    /// <summary>What the neurons composed of torch operations do.</summary>
    public static Outcome Eager(Tensor x, LifDynamics dynamics, float? w, Tensor upstream) =>
        Run(x, w, upstream, (input, scalar) => EagerLif.Fire(input, dynamics, new(), scalar));

    private static Outcome Run(Tensor x, float? w, Tensor upstream, Func<Tensor, Tensor?, Tensor> fire)
    {
        var input = x.detach().requires_grad_();
        var scalar = w is { } value ? tensor(value).to_type(x.dtype).requires_grad_() : null;
        var spikes = fire(input, scalar);
        spikes.backward([upstream]);
        return new(spikes.detach(), input.grad!, scalar?.grad);
    }
}

/// <summary>A layer's spikes and the gradients of its input and of PLIF's w.</summary>
internal sealed record Outcome(Tensor Spikes, Tensor X, Tensor? W)
{
    /// <summary>Asserts that not a bit differs.</summary>
    public void Is(Outcome expected, string what)
    {
        SameBits(expected.Spikes, Spikes, $"{what}: spikes");
        SameBits(expected.X, X, $"{what}: gradient of x");
        if (expected.W is not null)
        {
            SameBits(expected.W, W!, $"{what}: gradient of w");
        }
    }

    private static void SameBits(Tensor expected, Tensor actual, string what)
    {
        using var one = expected.contiguous();
        using var other = actual.contiguous();
        Assert.True(one.bytes.SequenceEqual(other.bytes), what);
    }
}
