namespace MsVit.MLNet;

/// <summary>How the channels of a place are shared out over attention heads.</summary>
internal readonly record struct OnnxHeads(long Count, long Channels, long Height, long Width)
{
    public long ChannelsEach => Channels / Count;

    public long Tokens => Height * Width;
}
