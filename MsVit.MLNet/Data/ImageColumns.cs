namespace MsVit.MLNet;

/// <summary>The names of the columns that the image loaders make.</summary>
public static class ImageColumns
{
    /// <summary>The class name, text.</summary>
    public const string Label = "Label";

    /// <summary>The image: encoded bytes, or an image of known size.</summary>
    public const string Image = "Image";

    /// <summary>The file that the image was read from, text.</summary>
    public const string ImagePath = "ImagePath";

    /// <summary>The name of the superclass, text; CIFAR-100 alone has it.</summary>
    public const string CoarseLabel = "CoarseLabel";
}
