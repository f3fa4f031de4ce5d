using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// A convolution over tokens [B, C, N], or [B, C, 1, N], or images [B, C, H, W], depending on its kernel. At stride 1 its padding keeps
/// the size.
/// </summary>
/// <remarks>
/// The weights are allocated but not initialized; <see cref="InitialWeights"/> draws them. torch's own layers would draw from the
/// global generator.
/// </remarks>
internal sealed class Conv : nn.Module<Tensor, Pass, Tensor>
{
    // With fewer adjacent channels than this, the backward pass of oneDNN's 1x1 convolution with stride 2 writes past the end of its
    // buffer (libtorch 2.10, two threads).
    private const int OneDnnBlock = 16;

    private readonly long[] _stride;
    private readonly long[] _padding;

    // Of tokens as an image of one row.
    private readonly long[] _rowStride, _rowPadding;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    private Conv(int input, int output, long[] kernel, int stride, bool bias)
        : base(nameof(Conv))
    {
        _stride = [.. kernel.Select(_ => (long)stride)];
        _padding = [.. kernel.Select(size => size / 2)];
        (_rowStride, _rowPadding) = ([1, _stride[^1]], [0, _padding[^1]]);
        _weight = OwnedParameter.Empty([output, input, .. kernel]);
        _bias = bias ? OwnedParameter.Empty(output) : null;
        RegisterComponents();
    }

    /// <summary>[Cout, Cin, kernel...].</summary>
    public Parameter Weight => _weight;

    /// <summary>[Cout], or null.</summary>
    public Parameter? Bias => _bias;

    /// <summary>Whether the output has the size of the input, that is, whether the stride is 1.</summary>
    public bool KeepsSize => _stride.All(stride => stride == 1);

    /// <summary>A convolution over the flattened tokens.</summary>
    public static Conv OverTokens(int input, int output, int kernel = 1, bool bias = false) => new(input, output, [kernel], 1, bias);

    /// <summary>A convolution over height and width.</summary>
    public static Conv OverImage(int input, int output, int kernel, int stride = 1, bool bias = false) =>
        new(input, output, [kernel, kernel], stride, bias);

    public override Tensor forward(Tensor input, Pass pass) => Convolve(input, _weight, _bias, pass);

    /// <summary>The same convolution with other weights, which are converted to the type of the input.</summary>
    /// <param name="input">The input.</param>
    /// <param name="weight">
    /// Weights of the shape of <see cref="Weight"/>. Without gradients, those over tokens may be [Cout, Cin, 1, kernel].
    /// </param>
    /// <param name="bias">[Cout], or null.</param>
    /// <param name="pass">The current pass.</param>
    public Tensor Convolve(Tensor input, Tensor weight, Tensor? bias, Pass pass)
    {
        if (pass.TakesCpuPaths && KeepsSize && IsTraining(input, weight))
        {
            if (bias is null && Winograd.Covers(input, weight))
            {
                return Winograd.Convolve(input, weight, pass);
            }
            if (RowConvolution.Covers(input, weight))
            {
                return RowConvolution.Convolve(input, weight, bias, pass);
            }
        }
        using var scope = NewDisposeScope();
        input = pass.IsEager ? input : InLayout(input);
        var (w, b) = (Like(weight), bias is null ? null : Like(bias));
        return scope.MoveToOuter((_stride.Length, pass.IsEager) switch
        {
            (2, false) when SkipsPixels && input.shape[1] % OneDnnBlock != 0 => nn.functional.conv2d(SeenPixels(input), w, b),
            (2, _) => nn.functional.conv2d(input, w, b, _stride, _padding),
            (_, true) => nn.functional.conv1d(input, w, b, _stride[0], _padding[0]),
            // As an image of one row: torch's conv1d copies its input and loses the channels-last layout.
            _ when input.dim() == 4 => nn.functional.conv2d(input, AsRow(w), b, _rowStride, _rowPadding),
            _ => nn.functional.conv2d(input.unsqueeze(2), AsRow(w), b, _rowStride, _rowPadding).squeeze(2),
        });

        static Tensor AsRow(Tensor kernel) => kernel.dim() == 4 ? kernel : kernel.unsqueeze(2);

        Tensor Like(Tensor learned) => learned.dtype == input.dtype ? learned : learned.to(input.dtype);
    }

    private static bool IsTraining(Tensor input, Tensor weight) => is_grad_enabled() && (input.requires_grad || weight.requires_grad);

    // The layout that our own gradients need, so that passes without gradients give the same bits. It also suits convolutions on a GPU.
    private static Tensor InLayout(Tensor input) => input.shape[1] % LaneWidths.MostLanes == 0 ? ChannelsLast.Arrange(input, axis: 1)
        : input;

    private bool SkipsPixels => _stride[0] > 1 && _padding.All(padding => padding == 0);

    // The pixels that a 1x1 convolution with this stride sees.
    private Tensor SeenPixels(Tensor input) => input
        .slice(2, 0, input.shape[2], _stride[0])
        .slice(3, 0, input.shape[3], _stride[1]);
}
