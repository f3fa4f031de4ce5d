namespace MsVit.MLNet;

/// <summary>Brings a part of an image, drawn anew each epoch, to the network's input.</summary>
/// <param name="source">The whole image.</param>
/// <param name="target">[C, H, W].</param>
/// <param name="random">The sample's own stream.</param>
internal delegate void ImageCrop(RgbImage source, Span<byte> target, ref RandomStream random);
