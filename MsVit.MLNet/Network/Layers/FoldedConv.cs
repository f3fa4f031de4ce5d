using MsVit.MLNet.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A convolution and the batch norm after it, in evaluation mode, as one convolution with a bias.</summary>
/// <remarks>
/// With the convolution's w and b (b = 0 if it has no bias) and the batch norm's gamma, beta, mean and variance:
/// <code>
/// scale = gamma / sqrt(variance + eps)      w' = scale w      b' = scale (b - mean) + beta
/// </code>
/// It is computed in float64 on the CPU and rounded once, so the same weights give the same bits on every device. In a half type only
/// w' is rounded to that type, and where <see cref="Winograd"/> convolves not even w'. b' stays float32 and is left to the neurons.
/// </remarks>
internal sealed class FoldedConv : IDisposable
{
    private readonly Conv _conv;
    private readonly Tensor _weight, _bias;
    private readonly Tensor? _winogradWeights;

    // The weights as convolutions take them: as an image of one row and, on a GPU, channels last, where torch would copy them in each call.
    private readonly Tensor _kernel;

    /// <summary>Folds the weights as they are now.</summary>
    /// <param name="conv">The convolution.</param>
    /// <param name="norm">The batch norm after it.</param>
    /// <param name="precision">The type to convolve in. The default is float32, or the type of the weights.</param>
    public FoldedConv(Conv conv, BatchNorm norm, Precision precision = Precision.Float32)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var scale = FoldedNorm.Scale(norm); // [Cout]
        var weight = FoldedNorm.Exact(conv.Weight) * scale.view([-1, .. conv.Weight.shape.Skip(1).Select(_ => 1L)]);
        var isHalf = precision != Precision.Float32;
        var mean = FoldedNorm.Exact(norm.running_mean!);
        var shift = conv.Bias is null ? -mean : FoldedNorm.Exact(conv.Bias) - mean;
        _conv = conv;
        _weight = Like(conv.Weight, weight, isHalf ? precision.Type() : conv.Weight.dtype);
        var kernel = _weight.dim() == 3 ? _weight.unsqueeze(2) : _weight.alias();
        _kernel = (kernel.device_type == DeviceType.CPU ? kernel : ChannelsLast.Arrange(kernel, axis: 1)).DetachFromDisposeScope();
        _winogradWeights = precision == Precision.BFloat16 && conv.KeepsSize
            ? Winograd.TransformWeights(weight.to(ScalarType.Float32).to(conv.Weight.device))?.DetachFromDisposeScope() : null;
        _bias = Like(conv.Weight, (shift * scale).Plus(FoldedNorm.Exact(norm.bias!)), conv.Weight.dtype);
        Shift = isHalf ? new([.. Enumerable.Repeat(1f, (int)_bias.numel())], _bias.cpu().data<float>().ToArray()) : null;
    }

    /// <summary>[Cout, Cin, kernel...].</summary>
    public Tensor Weight => _weight;

    /// <summary>[Cout].</summary>
    public Tensor Bias => _bias;

    /// <summary>The shift that the output of <see cref="Forward"/> still needs, or null. A max-pool may come before it.</summary>
    public ChannelAffine? Shift { get; }

    /// <summary>[B, Cin, ...] to [B, Cout, ...], normalized except for <see cref="Shift"/>; the weights get no gradients.</summary>
    public Tensor Forward(Tensor input, Pass pass) =>
        (_winogradWeights is null || !pass.TakesCpuPaths ? null : Winograd.ConvolveTransformed(input, _winogradWeights))
        ?? _conv.Convolve(input, _kernel, Shift is null ? _bias : null, pass);

    /// <summary>The output with its shift added, in float32 if there is one.</summary>
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
        _kernel.Dispose();
        _winogradWeights?.Dispose();
        _bias.Dispose();
    }

    private static Tensor Like(Tensor model, Tensor values, ScalarType type) => values.to(type).to(model.device).DetachFromDisposeScope();
}
