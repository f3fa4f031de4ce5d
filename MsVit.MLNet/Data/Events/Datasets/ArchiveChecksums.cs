using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace MsVit.MLNet.Events;

/// <summary>Compares downloaded archives, if they are still there, with their published checksums.</summary>
internal static class ArchiveChecksums
{
    /// <summary>MD5 by file name, as published by spikingjelly and others.</summary>
    public static IReadOnlyDictionary<string, string> Published { get; } = new Dictionary<string, string>
    {
        ["airplane.zip"] = "0afd5c4bf9ae06af762a77b180354fdd",
        ["automobile.zip"] = "8438dfeba3bc970c94962d995b1b9bdd",
        ["bird.zip"] = "a9c207c91c55b9dc2002dc21c684d785",
        ["cat.zip"] = "52c63c677c2b15fa5146a8daf4d56687",
        ["deer.zip"] = "b6bf21f6c04d21ba4e23fc3e36c8a4a3",
        ["dog.zip"] = "f379ebdf6703d16e0a690782e62639c3",
        ["frog.zip"] = "cad6ed91214b1c7388a5f6ee56d08803",
        ["horse.zip"] = "e7cbbf77bec584ffbf913f00e682782a",
        ["ship.zip"] = "41c7bd7d6b251be82557c6cce9a7d5c9",
        ["truck.zip"] = "89f3922fd147d9aeff89e76a2b0b70a7",
        ["DvsGesture.tar.gz"] = "8a5c71fb11e24e5ca5b11866ca6c00a1",
    };

    /// <summary>Adds a problem if the archive is there and its checksum differs. Does nothing without the archive.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "No other checksum is published; it detects damage, not tampering.")]
    public static void Check(DatasetProblems problems, string folder, string archive)
    {
        var path = Path.Combine(folder, archive);
        if (!File.Exists(path))
        {
            return;
        }
        using var stream = File.OpenRead(path);
        var found = Convert.ToHexStringLower(MD5.HashData(stream));
        if (found != Published[archive])
        {
            problems.Add($"{archive} is damaged: its MD5 is {found}, expected {Published[archive]}; download and unpack it again");
        }
    }
}
