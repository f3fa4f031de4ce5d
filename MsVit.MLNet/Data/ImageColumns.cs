namespace MsVit.MLNet;

/// <summary>Names of the columns that the image loaders create.</summary>
public static class ImageColumns
{
    /// <summary>The class name, as text.</summary>
    public const string Label = "Label";

    /// <summary>The image, as encoded bytes or as an image of known size.</summary>
    public const string Image = "Image";

    /// <summary>The path of the image file, as text.</summary>
    public const string ImagePath = "ImagePath";

    /// <summary>The name of the superclass, as text; only in CIFAR-100.</summary>
    public const string CoarseLabel = "CoarseLabel";
}
