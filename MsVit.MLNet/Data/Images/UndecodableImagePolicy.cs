namespace MsVit.MLNet;

/// <summary>What happens when an image of the training or validation data cannot be decoded.</summary>
public enum UndecodableImagePolicy
{
    /// <summary>Training stops with an <see cref="UndecodableImageException"/> that names the image. This is the default.</summary>
    Throw,

    /// <summary>The row is left out; the number of rows left out and the first of them are logged as a warning.</summary>
    Skip,
}
