namespace MsVit.MLNet;

/// <summary>Brings a part of a picture, drawn anew each epoch, to the network's input.</summary>
/// <param name="source">The whole picture.</param>
/// <param name="target">[C, H, W].</param>
/// <param name="random">The sample's own stream.</param>
internal delegate void PictureCrop(RgbImage source, Span<byte> target, ref RandomStream random);
