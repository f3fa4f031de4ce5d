using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A batch norm without a convolution, in evaluation mode, as one scale and one shift per channel.</summary>
/// <remarks>Computed in float64 on the CPU and rounded once, so the same weights give the same bits on every device.</remarks>
internal sealed class FoldedNorm : IDisposable
{
    private readonly Tensor _scale, _shift;

    /// <summary>Folds the weights and statistics as they are now.</summary>
    public FoldedNorm(BatchNorm norm)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var scale = Scale(norm);
        var shift = Exact(norm.bias!) - scale * Exact(norm.running_mean!);
        Affine = new(Numbers(scale), Numbers(shift));
        (_scale, _shift) = (Like(norm.weight!, scale), Like(norm.weight!, shift));
    }

    /// <summary>The scale and shift, for the fused passes.</summary>
    public ChannelAffine Affine { get; }

    /// <summary>[T, B, C, ...] normalized, by torch operations.</summary>
    public Tensor Apply(Tensor x)
    {
        using var scope = NewDisposeScope();
        long[] shape = [-1, .. x.shape.Skip(3).Select(_ => 1L)];
        return scope.MoveToOuter(x.mul(_scale.view(shape)).Plus(_shift.view(shape)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scale.Dispose();
        _shift.Dispose();
    }

    /// <summary>gamma / sqrt(variance + eps), [C], float64 on the CPU.</summary>
    internal static Tensor Scale(BatchNorm norm) =>
        Exact(norm.weight!) / ((TensorExpression)Exact(norm.running_var!) + norm.eps).Sqrt().Tensor;

    /// <summary>The values in float64 on the CPU.</summary>
    internal static Tensor Exact(Tensor tensor) => tensor.detach().cpu().to(ScalarType.Float64);

    private static float[] Numbers(Tensor exact) => exact.to(ScalarType.Float32).data<float>().ToArray();

    private static Tensor Like(Tensor model, Tensor exact) => exact.to(ScalarType.Float32).to(model.device).DetachFromDisposeScope();
}
