using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A convolution and the batch norm behind it, in evaluation mode, as one convolution with a bias.</summary>
/// <remarks>
/// With w, b of the convolution (b = 0 where it has none) and the batch norm's gamma, beta, mean, variance:
/// <code>
/// scale = gamma / sqrt(variance + eps)      w' = scale w      b' = scale (b - mean) + beta
/// </code>
/// in float64 on the CPU, rounded once, so that the same weights give the same bits wherever the network lies. In
/// a half type only w' is rounded to that, and not even w' where <see cref="Winograd"/> convolves: b' stays float32 and is left to the
/// neurons.
/// </remarks>
internal sealed class FoldedConv : IDisposable
{
    private readonly Conv _conv;
    private readonly Tensor _weight, _bias;
    private readonly Tensor? _spread;

    /// <summary>Folds the weights as they are now.</summary>
    /// <param name="conv">The convolution.</param>
    /// <param name="norm">The batch norm behind it.</param>
    /// <param name="precision">In which to convolve. The default is float32, or what the weights are.</param>
    public FoldedConv(Conv conv, BatchNorm norm, Precision precision = Precision.Float32)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var scale = Exact(norm.weight!) / ((TensorExpression)Exact(norm.running_var!) + norm.eps).Sqrt().Tensor; // [Cout]
        var weight = Exact(conv.Weight) * scale.view([-1, .. conv.Weight.shape.Skip(1).Select(_ => 1L)]);
        var isHalf = precision != Precision.Float32;
        var shift = conv.Bias is null ? -Exact(norm.running_mean!) : Exact(conv.Bias) - Exact(norm.running_mean!);
        _conv = conv;
        _weight = Like(conv.Weight, weight, isHalf ? precision.Type() : conv.Weight.dtype);
        _spread = precision == Precision.BFloat16 && conv.KeepsSize
            ? Winograd.Spread(weight.to(ScalarType.Float32).to(conv.Weight.device))?.DetachFromDisposeScope() : null;
        _bias = Like(conv.Weight, (shift * scale).Plus(Exact(norm.bias!)), conv.Weight.dtype);
        Shift = isHalf ? new([.. Enumerable.Repeat(1f, (int)_bias.numel())], _bias.cpu().data<float>().ToArray()) : null;
    }

    /// <summary>[Cout, Cin, kernel...].</summary>
    public Tensor Weight => _weight;

    /// <summary>[Cout].</summary>
    public Tensor Bias => _bias;

    /// <summary>What the output of <see cref="Forward"/> still lacks, or null. A max-pool may come before it.</summary>
    public ChannelAffine? Shift { get; }

    /// <summary>[B, Cin, ...] to [B, Cout, ...], normalized but for <see cref="Shift"/>; without a graph for gradients of the
    /// weights.</summary>
    public Tensor Forward(Tensor input, Pass pass) =>
        (_spread is null ? null : Winograd.ConvolveSpread(input, _spread))
        ?? _conv.Convolve(input, _weight, Shift is null ? _bias : null, pass);

    /// <summary>The output with its shift, in float32 where there is one.</summary>
    public Tensor Complete(Tensor output)
    {
        if (Shift is null)
        {
            return output;
        }
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(output.to(ScalarType.Float32).Plus(_bias.view([-1, .. output.shape.Skip(2).Select(_ => 1L)])));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _weight.Dispose();
        _spread?.Dispose();
        _bias.Dispose();
    }

    private static Tensor Exact(Tensor tensor) => tensor.detach().cpu().to(ScalarType.Float64);

    private static Tensor Like(Tensor model, Tensor values, ScalarType type) => values.to(type).to(model.device).DetachFromDisposeScope();
}
