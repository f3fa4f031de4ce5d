using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace MsVit.MLNet;

/// <summary>Whether a folder on Linux is safe to load code from: nobody but the user and root can put a file into it.</summary>
[SupportedOSPlatform("linux")]
internal static partial class FolderTrust
{
    private const int HereAndNow = -100;
    private const uint OwnerAndMode = 0x0B;
    private const int StatusBytes = 256;
    private const int OwnerOffset = 20;
    private const int ModeOffset = 28;
    private const int WritableByOthers = 0x2;
    private const int Sticky = 0x200;

    /// <summary>Why the folder is not safe; null if it is.</summary>
    /// <param name="folder">A full path. The folders above it are checked too: who can rename one of them can exchange it.</param>
    public static string? Fault(string folder)
    {
        var own = UserId();
        // In a user namespace, the files of the real root belong to another number.
        var root = Status("/")?.Owner ?? 0;
        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            if (Status(at) is not var (owner, mode))
            {
                return $"the owner of {at} cannot be read";
            }
            if (owner != own && owner != 0 && owner != root)
            {
                return $"{at} belongs to another user";
            }
            // In a sticky folder such as /tmp, others can neither rename nor remove what is not theirs.
            if ((mode & WritableByOthers) != 0 && (at == folder || (mode & Sticky) == 0))
            {
                return $"every user can write to {at}";
            }
        }
        return null;
    }

    private static (uint Owner, int Mode)? Status(string path)
    {
        // statx has the same layout on every architecture.
        Span<byte> status = stackalloc byte[StatusBytes];
        return StatX(HereAndNow, path, 0, OwnerAndMode, ref MemoryMarshal.GetReference(status)) == 0
            ? (BitConverter.ToUInt32(status[OwnerOffset..]), BitConverter.ToUInt16(status[ModeOffset..]))
            : null;
    }

    [LibraryImport("libc.so.6", EntryPoint = "geteuid")]
    private static partial uint UserId();

    [LibraryImport("libc.so.6", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, ref byte status);
}
