using System.Buffers;

namespace MsVit.MLNet;

/// <summary>Images that are kept as encoded files and decoded each time they are read.</summary>
/// <param name="store">Sealed. Its first samples may be stored decoded and fitted; the rest are image files.</param>
/// <param name="firstEncoded">The index of the first image file.</param>
/// <param name="shape">The shape of one sample.</param>
/// <param name="config">The network's input, which each image is fitted to.</param>
internal sealed class EncodedSamples(SampleStore store, int firstEncoded, SampleShape shape, InputConfig config) : ISampleSource
{
    private readonly ImageFitter _fitter = config.Fitter();

    /// <inheritdoc/>
    public int Count => store.Count;

    /// <inheritdoc/>
    public SampleShape Shape => shape;

    /// <summary>Cuts a part out of each image; null (the default) for the whole image, fitted as in scoring.</summary>
    public ImageCrop? Crop { get; private init; }

    /// <summary>The same images with a random part cut out of each.</summary>
    /// <exception cref="InvalidOperationException">Some images are already decoded and fitted.</exception>
    public EncodedSamples Cropped(ImageCrop crop) => firstEncoded == 0
        ? new(store, 0, shape, config) { Crop = crop }
        : throw new InvalidOperationException(
            $"The first {firstEncoded} samples are already decoded and fitted, so no part can be cut out of them.");

    /// <inheritdoc/>
    public int Label(int sample) => store.Label(sample);

    /// <inheritdoc/>
    /// <exception cref="UndecodableImageException">The bytes cannot be decoded any more.</exception>
    public void Write(int sample, Span<byte> target, ref RandomStream random)
    {
        if (sample < firstEncoded)
        {
            store.Read(sample, target);
            return;
        }
        var length = store.Length(sample);
        var encoded = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            store.Read(sample, encoded);
            // A crop needs the full scale: its size is not known before it is drawn.
            var image = ImageDecoder.Decode(
                encoded.AsSpan(0, length), $"stored sample {sample}", Crop is null ? _fitter : null, config.MaxPixels);
            if (Crop is null)
            {
                _fitter.Fit(image, target);
            }
            else
            {
                Crop(image, target, ref random);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }
}
