namespace MsVit.MLNet.Events;

/// <summary>Records of AEDAT 2.0 that are no events of pixels: external and special ones, frames, inertial measurements.</summary>
internal readonly struct Aedat2Rule(AedatCamera camera) : IRecordRule
{
    private const int AddressBit = 32;

    public long TimeBase => 0;

    public bool HasTime => true;

    public int ClockBits => 32;

    /// <summary>The bits of an address that only such records set. Those above 15 do not exist in a DVS128.</summary>
    public static ulong NotAnEvent(AedatCamera camera) => camera == AedatCamera.Dvs128 ? 0xFFFF_8000 : 0x8000_0400;

    public string? Refuse(ulong record) => camera == AedatCamera.Dvs128 && record >> (AddressBit + 16) != 0
        ? $"the address is 0x{record >> AddressBit:X8}; a DVS128 sets no bit above 15. "
            + "The file is damaged, or from another camera: then say which with Camera."
        : null;

    public bool IsEvent(ulong record) => false;
}
