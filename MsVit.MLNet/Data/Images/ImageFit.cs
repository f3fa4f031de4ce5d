namespace MsVit.MLNet;

/// <summary>How an image of another shape is brought to the size of the network's input.</summary>
public enum ImageFit
{
    /// <summary>Resize until the image just covers the target, keeping its proportions, and cut off what stands out on both
    /// sides.</summary>
    CenterCrop,

    /// <summary>Resize height and width separately; proportions are lost, nothing is cut off.</summary>
    Stretch,

    /// <summary>Resize until the image just fits into the target, keeping its proportions, and fill both sides with zeros
    /// (black).</summary>
    Pad,
}
