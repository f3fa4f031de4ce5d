using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using MsVit.Tests.Kernels.Neurons;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Cuda;

/// <summary>The layers that the kernels are tested with, and how they are compared with the composed ones.</summary>
internal static class KernelLayers
{
    /// <summary>Those of the fused neurons, and what the kernels alone cover.</summary>
    public static readonly IReadOnlyDictionary<string, (LifDynamics Dynamics, float? W)> All = Layers.All
        .Concat(Enum.GetValues<SurrogateFunction>().Select(function =>
            KeyValuePair.Create(
                $"{function}, attached",
                (Layers.Published with { Surrogate = Surrogate.Of(function), DetachReset = false }, (float?)null))))
        .Concat(new Dictionary<string, (LifDynamics, float?)>
        {
            ["soft reset, attached, tau 3"] = (Layers.Published with { ResetTo = null, DetachReset = false, Tau = 3 }, null),
            ["soft reset, attached, whole input"] =
                (Layers.Published with { ResetTo = null, DetachReset = false, DecayInput = false }, null),
            ["attached, reset to 0.1, threshold 0.5"] =
                (Layers.Published with { ResetTo = 0.1, DetachReset = false, Threshold = 0.5 }, null),
            ["PLIF, soft reset"] = (Layers.Published with { ResetTo = null }, 0.4f),
            ["PLIF, attached, reset to -0.25"] = (Layers.Published with { ResetTo = -0.25, DetachReset = false }, -0.7f),
            ["five terms of a square wave"] =
                (Layers.Published with { Surrogate = new(SurrogateFunction.SquarewaveFourierSeries, 6, 4) }, null),
        })
        .ToDictionary();

    /// <summary>What the kernels do.</summary>
    public static Outcome Run(CudaLif neurons, Tensor x, LifDynamics dynamics, float? w, Tensor upstream)
    {
        var input = x.detach().requires_grad_();
        var scalar = w is { } value ? tensor(value, device: x.device).requires_grad_() : null;
        var pass = new Pass(notice: Assert.Fail);
        Assert.True(neurons.Covers(input, dynamics, pass, scalar));
        var spikes = neurons.Fire(input, dynamics, pass, scalar);
        var gradients = pass.Gradients(spikes, scalar is null ? [input] : [input, scalar], upstream);
        return new(spikes.detach(), gradients[0], scalar is null ? null : gradients[1]);
    }

    /// <summary>
    /// Asserts that spikes are those of the composed layer in float32 on the CPU, and gradients within a rounding of them.
    /// </summary>
    public static void Compare(CudaLif neurons, string name, Tensor x, Tensor upstream)
    {
        var (dynamics, w) = All[name];
        var what = $"{name}, [{string.Join(", ", x.shape)}], {x.dtype}";
        var eager = Layers.Eager(x.cpu().to_type(float32), dynamics, w, upstream.cpu().to_type(float32));
        var kernel = Run(neurons, x, dynamics, w, upstream);
        Close.Equal(eager.Spikes, kernel.Spikes.cpu(), $"{what}: spikes");
        var largest = Math.Max(1, eager.X.abs().max().item<float>());
        Close.Within(Rounding(x.dtype) * largest, eager.X, kernel.X.cpu(), $"{what}: gradient of x");
        if (w is not null)
        {
            // A single step with the whole input never uses w.
            Close.Within(1e-6 * x.numel(), eager.W ?? tensor(0f), kernel.W!.cpu(), $"{what}: gradient of w");
        }
    }

    private static double Rounding(ScalarType type) => type switch
    {
        ScalarType.BFloat16 => 1.0 / 256,
        ScalarType.Float16 => 1.0 / 2048,
        _ => 1e-6,
    };
}
