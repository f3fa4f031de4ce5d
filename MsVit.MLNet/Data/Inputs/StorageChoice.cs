namespace MsVit.MLNet;

/// <summary>Decides, image by image, in which form it is kept; once an image is kept encoded, so are all that follow.</summary>
/// <remarks>
/// Which form is smaller depends on the network's input: 224 x 224 pixels are 147 KiB, more than a photograph's JPEG; 32 x 32
/// pixels are 3 KiB. Beyond the budget both lie in files, so the smaller is taken, judged by the images that came before.
/// </remarks>
/// <param name="storage">What was asked for.</param>
/// <param name="canEncode">Whether the images came as files.</param>
/// <param name="decodedBytes">Bytes of a decoded sample.</param>
/// <param name="memoryBudget">Bytes of samples that are kept in memory.</param>
internal sealed class StorageChoice(SampleStorage storage, bool canEncode, int decodedBytes, long memoryBudget)
{
    private long _images;
    private long _encodedBytes;
    private bool? _encoded = !canEncode || storage == SampleStorage.Decoded ? false : storage == SampleStorage.Encoded ? true : null;

    /// <summary>Whether the next image is kept encoded.</summary>
    /// <param name="encodedBytes">Bytes of its file.</param>
    public bool Encoded(int encodedBytes)
    {
        if (_encoded is { } decided)
        {
            return decided;
        }
        _images++;
        _encodedBytes += encodedBytes;
        if (_images * decodedBytes <= memoryBudget)
        {
            return false;
        }
        _encoded = _encodedBytes < _images * decodedBytes;
        return _encoded.Value;
    }
}
