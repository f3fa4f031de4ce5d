// Makes a .NET SDK for Windows, which no registry has: dotnet run .ci/WindowsSdk.cs -- FOLDER VERSION
// The runtime comes from NuGet's packages, the SDK from this machine. Its assemblies hold code for Linux beside their IL; Windows'
// loader and .NET refuse such files, so they are written again with the IL alone. FOLDER/sdk/VERSION/dotnet.exe starts it.
#:property PublishAot=false
using System.Buffers.Binary;
using System.Reflection.PortableExecutable;
using System.Text;

const ushort LinuxX64 = 0x8664 ^ 0x7B79;
const int Page = 0x1000;

var (target, sdk) = (args[0], args[1]);
var here = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
var version = Path.GetFileName(here);
var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
    ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
var windows = Native("runtime");

Copy(Path.Combine(windows, "..", "lib", "net10.0"), Path.Combine(target, "shared", "Microsoft.NETCore.App", version));
Copy(windows, Path.Combine(target, "shared", "Microsoft.NETCore.App", version));
Copy(windows, Path.Combine(target, "host", "fxr", version), "hostfxr.dll");
var made = Path.Combine(target, "sdk", sdk);
Copy(Path.Combine(here, "..", "..", "..", "sdk", sdk), made);
Copy(Native("host"), Path.Combine(made, "AppHostTemplate"), "apphost.exe");
File.WriteAllBytes(Path.Combine(made, "dotnet.exe"), HostOf("dotnet.dll"));

string Native(string package) =>
    Path.Combine(packages, $"microsoft.netcore.app.{package}.win-x64", version, "runtimes", "win-x64", "native");

static void Copy(string from, string to, string files = "*")
{
    foreach (var file in Directory.EnumerateFiles(from, files, SearchOption.AllDirectories))
    {
        var copy = Path.Combine(to, Path.GetRelativePath(from, file));
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        var bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(copy, file.EndsWith(".dll", StringComparison.Ordinal) ? WithoutCode(bytes) : bytes);
    }
}

// The program's name stands where this hash does in the host.
byte[] HostOf(string program)
{
    var host = File.ReadAllBytes(Path.Combine(Native("host"), "apphost.exe"));
    var place = host.AsSpan(host.AsSpan().IndexOf("c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2"u8), 65);
    place.Clear();
    Encoding.UTF8.GetBytes(program, place);
    return host;
}

// One section holds all of the image where it was, because Windows wants sections that begin at a page.
static byte[] WithoutCode(byte[] file)
{
    using var reader = new PEReader(new MemoryStream(file));
    var headers = reader.PEHeaders;
    if ((ushort)headers.CoffHeader.Machine != LinuxX64)
    {
        return file;
    }
    var end = headers.SectionHeaders.Max(section => section.VirtualAddress + Math.Max(section.VirtualSize, section.SizeOfRawData));
    var image = new byte[(end + Page - 1) / Page * Page];
    foreach (var section in headers.SectionHeaders)
    {
        var size = Math.Min(section.SizeOfRawData, section.VirtualSize);
        file.AsSpan(section.PointerToRawData, size).CopyTo(image.AsSpan(section.VirtualAddress));
    }
    var optional = headers.PEHeaderStartOffset;
    var table = optional + headers.CoffHeader.SizeOfOptionalHeader;
    file.AsSpan(0, table).CopyTo(image);
    Short(headers.CoffHeaderStartOffset, 0x8664);
    Short(headers.CoffHeaderStartOffset + 2, 1);

    // The alignment of sections and of their bytes in the file, the sizes of the image and of the headers, the checksum.
    Int(optional + 32, Page);
    Int(optional + 36, Page);
    Int(optional + 56, image.Length);
    Int(optional + 60, Page);
    Int(optional + 64, 0);

    // Directories of compiled code: exports, exceptions, the signature, relocations, symbols.
    foreach (var directory in (int[])[0, 3, 4, 5, 6])
    {
        Long(optional + 112 + (8 * directory), 0);
    }
    var managed = headers.PEHeader!.CorHeaderTableDirectory.RelativeVirtualAddress;
    Int(managed + 16, (int)(headers.CorHeader!.Flags & ~CorFlags.ILLibrary | CorFlags.ILOnly));
    Long(managed + 64, 0);

    ".text\0\0\0"u8.CopyTo(image.AsSpan(table));
    foreach (var (at, value) in new[] { (8, image.Length - Page), (12, Page), (16, image.Length - Page), (20, Page), (36, 0x60000020) })
    {
        Int(table + at, value);
    }
    return image;

    void Short(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(at), value);
    void Int(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(at), value);
    void Long(int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(at), value);
}
