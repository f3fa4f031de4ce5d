using MsVit.MLNet.Analysis;
using MsVit.MLNet.Events;

namespace MsVit.MLNet.Hosting;

/// <summary>A loaded model: fits requests to the network's input, and scores them.</summary>
/// <param name="model">The model; it is disposed with this object.</param>
/// <param name="frames">Reads recordings into frames; null if the pipeline has no such step.</param>
/// <param name="info">The description for callers.</param>
/// <param name="maxPixels">The most pixels of an image; the limit of the model applies too.</param>
internal sealed class ServedModel(IScorer model, FramesSource? frames, ServedModelInfo info, int maxPixels) : IDisposable
{
    private readonly InputConfig _input = model.Card.Input;
    private readonly ImageFitter? _fitter = model.Card.Input.IsFrames ? null : model.Card.Input.Fitter();

    /// <summary>The description for callers.</summary>
    public ServedModelInfo Info => info;

    /// <summary>The shape of one sample.</summary>
    public SampleShape Shape { get; } = new(model.Card.Input.Channels, model.Card.Input.Height, model.Card.Input.Width, IsFloat: false)
    {
        TimeSteps = model.Card.Input.TimeSteps,
    };

    /// <summary>Decodes an image and fits it to the network's input.</summary>
    public byte[] Fit(ReadOnlySpan<byte> encoded, string name)
    {
        var fitter = Images();
        return Fit(fitter, ImageDecoder.Decode(encoded, name, fitter, Math.Min(maxPixels, _input.MaxPixels)));
    }

    /// <summary>Fits an image to the network's input.</summary>
    public byte[] Fit(RgbImage image) => Fit(Images(), image);

    /// <summary>Counts the events of a recording into frames.</summary>
    public byte[] Fit(EventClip clip, CancellationToken cancellationToken)
    {
        if (!_input.IsFrames)
        {
            throw new NotSupportedException("The model takes images, not recordings of an event camera.");
        }
        return frames?.Read(clip.Name, clip.Sensor, options => clip.Open(options, cancellationToken)) ?? throw new NotSupportedException(
            "The model was saved without the step EventsToFrames. Save the whole pipeline, with EventsToFrames before the trainer.");
    }

    /// <summary>A sample as frames; null if it is an image.</summary>
    public EventFrames? Frames(byte[] sample) => Shape.IsFrames
        ? new(sample, null, Shape.TimeSteps, Shape.Channels, new(Shape.Width, Shape.Height))
        : null;

    /// <summary>The probabilities [B, classes] of samples [B, ...].</summary>
    public float[] Score(ReadOnlySpan<byte> samples, int count) => model.Score(samples, Shape, count);

    /// <summary>Makes sure that <see cref="Inspect"/> works.</summary>
    /// <exception cref="NotSupportedException">The model is an ONNX model without insight.</exception>
    public void CheckInspects()
    {
        if (model is OnnxModel { HasInsight: false } onnx)
        {
            throw onnx.HasNoInsight();
        }
    }

    /// <summary>Reports what happens inside the network for one sample.</summary>
    public SampleInsight Inspect(ReadOnlySpan<byte> sample) => SampleInspector.Inspect(model, sample, Shape);

    /// <summary>Runs one sample and one full batch, so that the first request does not pay for one-time work.</summary>
    public void WarmUp(int batchSize)
    {
        _ = Score(new byte[Shape.Bytes], 1);
        if (batchSize > 1)
        {
            _ = Score(new byte[checked(Shape.Bytes * batchSize)], batchSize);
        }
        if (model is OnnxModel { HasInsight: true })
        {
            // Whether the outputs of its layers are what the file states shows only when they are computed.
            _ = Inspect(new byte[Shape.Bytes]);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();

    private byte[] Fit(ImageFitter fitter, RgbImage image)
    {
        var sample = new byte[Shape.Bytes];
        fitter.Fit(image, sample);
        return sample;
    }

    private ImageFitter Images() =>
        _fitter ?? throw new NotSupportedException("The model takes recordings of an event camera, not images.");
}
