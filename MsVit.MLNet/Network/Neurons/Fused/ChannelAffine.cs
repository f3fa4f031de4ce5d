namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>A batch norm whose statistics are known: a channel's current is scale x + shift.</summary>
/// <param name="Scale">One a channel.</param>
/// <param name="Shift">One a channel.</param>
internal sealed record ChannelAffine(float[] Scale, float[] Shift)
{
    public int Channels => Scale.Length;
}
