using MsVit.MLNet.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The trained artefact: a network in evaluation mode and what is needed to feed and read it.</summary>
/// <remarks>Scoring changes nothing in it, so any number of threads may score at the same time.</remarks>
internal sealed class MsVitModel : IDisposable
{
    private readonly PixelNormalization _normalization;
    private readonly FoldedNetwork _folded;

    /// <summary>Takes over the network.</summary>
    public MsVitModel(MsVitNetwork network, ModelCard card, Device device)
    {
        Network = network;
        Card = card;
        Device = device;
        _normalization = new(card.Input.Mean, card.Input.Deviation, card.Input.PixelRange);
        network.eval();
        _folded = network.Folded(card.Precision.WhereFast(device));
    }

    /// <summary>The network, in evaluation mode, as it is saved; what scores is its folded form.</summary>
    public MsVitNetwork Network { get; }

    /// <summary>What is saved beside the weights.</summary>
    public ModelCard Card { get; }

    /// <summary>Where the network lies.</summary>
    public Device Device { get; }

    /// <summary>Is told, in a line, where scoring is slower than it could be; each line once in a process. Set by who has a log.</summary>
    public Action<string> Warn { get; set; } = static _ => { };

    /// <summary>The probability of each class for each sample.</summary>
    /// <param name="samples">[B, C, H, W], or [B, T, C, H, W] of frames, of bytes or floats.</param>
    /// <param name="shape">What one sample is.</param>
    /// <param name="count">B.</param>
    /// <returns>[B, classes], row after row; each row sums to 1.</returns>
    public float[] Score(ReadOnlySpan<byte> samples, SampleShape shape, int count)
    {
        using var notices = CudaNotices.Listen(Warn);
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var input = Input(samples, shape, count);
        var probabilities = _folded.Forward(input).softmax(1).cpu().contiguous();
        return probabilities.data<float>().ToArray();
    }

    /// <summary>What the network takes: [B, C, H, W], normalized, or frames [T, B, C, H, W]; the caller's.</summary>
    /// <inheritdoc cref="Score"/>
    public Tensor Input(ReadOnlySpan<byte> samples, SampleShape shape, int count) => shape.IsFrames
        ? FrameTensor.Make(samples, count, shape, Device)
        : _normalization.Apply(samples, count, shape.Height, shape.Width, shape.IsFloat, Device);

    /// <summary>The same on a device: itself where it is there already; else a new one that takes the network with it.</summary>
    public MsVitModel MoveTo(Device device)
    {
        if (device.type == Device.type && device.index == Device.index)
        {
            return this;
        }
        _folded.Dispose();
        _ = Network.to(device);
        return new(Network, Card, device) { Warn = Warn };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _folded.Dispose();
        Network.Dispose();
    }
}
