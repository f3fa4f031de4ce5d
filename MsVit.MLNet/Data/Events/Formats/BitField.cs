namespace MsVit.MLNet.Events;

/// <summary>A run of bits in a record that is read as one number, bit 0 the lowest.</summary>
internal readonly record struct BitField(int Shift, int Bits)
{
    public ulong Mask => (1UL << Bits) - 1;

    public uint Of(ulong record) => (uint)((record >> Shift) & Mask);
}
