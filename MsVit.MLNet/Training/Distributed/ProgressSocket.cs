using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace MsVit.MLNet;

/// <summary>Tells other ranks over UDP how far this one has come, whether or not it computes or waits, and asks them.</summary>
/// <remarks>
/// A question is sent only when a call has waited long, so steps cost nothing. A rank answers who knows the group's secret number. A rank
/// that does not answer within three seconds has stopped, or cannot be reached.
/// </remarks>
internal sealed class ProgressSocket : IRankInquiry, IDisposable
{
    /// <summary>The length of <see cref="Address"/>.</summary>
    public const int AddressBytes = 1024;

    private const int Tries = 6;
    private const int TryMilliseconds = 500;

    private readonly Socket _socket;
    private readonly Lock _asking = new();
    private readonly object _gate = new();

    private Guid _group;
    private int _rank;
    private IPEndPoint[][] _ranks = [];
    private Func<RankProgress> _progress = () => default;
    private Action _end = () => { };
    private long _question;
    private RankProgress?[] _answers = [];
    private volatile bool _isClosed;

    public ProgressSocket()
    {
        var family = Socket.OSSupportsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        _socket = new(family, SocketType.Dgram, ProtocolType.Udp);
        if (family == AddressFamily.InterNetworkV6)
        {
            _socket.DualMode = true;
        }
        _socket.Bind(new IPEndPoint(family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0));
    }

    private enum Purpose
    {
        Question,
        Answer,
        End,
    }

    /// <summary>Where this rank can be reached: its port and the addresses of its host, as text of fixed length.</summary>
    public byte[] Address
    {
        get
        {
            var text = new StringBuilder(((IPEndPoint)_socket.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture));
            foreach (var address in OwnAddresses().Append(IPAddress.Loopback).Select(each => $" {each}"))
            {
                if (text.Length + address.Length < AddressBytes)
                {
                    text.Append(address);
                }
            }
            var bytes = new byte[AddressBytes];
            Encoding.ASCII.GetBytes(text.ToString(), bytes);
            return bytes;
        }
    }

    /// <summary>Begins to answer.</summary>
    /// <param name="group">The group's secret number.</param>
    /// <param name="rank">The rank of this process.</param>
    /// <param name="addresses">The addresses of all ranks, one after the other.</param>
    /// <param name="progress">How far this rank has come.</param>
    /// <param name="end">Called when another rank ends the job.</param>
    public void Start(Guid group, int rank, byte[] addresses, Func<RankProgress> progress, Action end)
    {
        (_group, _rank, _progress, _end) = (group, rank, progress, end);
        _ranks = [.. addresses.Chunk(AddressBytes).Select(EndPoints)];
        new Thread(Listen) { IsBackground = true, Name = "msvit progress" }.Start();
    }

    public IReadOnlyList<RankProgress?> Ask()
    {
        lock (_asking)
        {
            lock (_gate)
            {
                _question++;
                _answers = new RankProgress?[_ranks.Length];
                _answers[_rank] = _progress();
            }
            for (var i = 0; i < Tries && Missing() is { Count: > 0 } missing; i++)
            {
                missing.ForEach(rank => Send(Purpose.Question, rank, _question));
                lock (_gate)
                {
                    while (_answers.Contains(null) && Monitor.Wait(_gate, TryMilliseconds))
                    {
                    }
                }
            }
            return _answers;
        }
    }

    public void TellEnd()
    {
        for (var rank = 0; rank < _ranks.Length; rank++)
        {
            if (rank != _rank)
            {
                Send(Purpose.End, rank, 0);
            }
        }
    }

    public void Dispose()
    {
        _isClosed = true;
        _socket.Dispose();
    }

    private static IEnumerable<IPAddress> OwnAddresses() =>
        from card in NetworkInterface.GetAllNetworkInterfaces()
        where card.OperationalStatus != OperationalStatus.Down && card.NetworkInterfaceType != NetworkInterfaceType.Loopback
        from own in card.GetIPProperties().UnicastAddresses
        where !own.Address.IsIPv6LinkLocal
        select own.Address;

    private List<int> Missing()
    {
        lock (_gate)
        {
            return [.. Enumerable.Range(0, _answers.Length).Where(rank => _answers[rank] is null)];
        }
    }

    private IPEndPoint[] EndPoints(byte[] address)
    {
        var words = Encoding.ASCII.GetString(address).TrimEnd('\0').Split(' ');
        var port = int.Parse(words[0], CultureInfo.InvariantCulture);
        return [.. from word in words.Skip(1)
                   let ip = IPAddress.Parse(word)
                   where ip.AddressFamily == AddressFamily.InterNetwork || _socket.AddressFamily == AddressFamily.InterNetworkV6
                   select new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetworkV6 ? ip.MapToIPv6() : ip, port)];
    }

    private void Listen()
    {
        var buffer = new byte[Unsafe.SizeOf<Message>()];
        EndPoint sender = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!_isClosed)
        {
            try
            {
                if (_socket.ReceiveFrom(buffer, ref sender) == buffer.Length)
                {
                    Take(MemoryMarshal.Read<Message>(buffer), sender);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Closed; or Windows reports here that an earlier message reached nobody.
            }
        }
    }

    private void Take(Message message, EndPoint sender)
    {
        // Several hosts may have the same private address, and a port may be another program's.
        if (message.Group != _group || message.To != _rank || message.From < 0 || message.From >= _ranks.Length)
        {
            return;
        }
        switch (message.Purpose)
        {
            case Purpose.Question:
                Send(new(_group, Purpose.Answer, _rank, message.From, message.Question, _progress()), sender);
                break;
            case Purpose.Answer:
                lock (_gate)
                {
                    if (message.Question == _question)
                    {
                        _answers[message.From] = message.Progress;
                        Monitor.Pulse(_gate);
                    }
                }
                break;
            case Purpose.End:
                _end();
                break;
        }
    }

    private void Send(Purpose purpose, int rank, long question)
    {
        foreach (var place in _ranks[rank])
        {
            Send(new(_group, purpose, _rank, rank, question, default), place);
        }
    }

    private void Send(Message message, EndPoint place)
    {
        var bytes = new byte[Unsafe.SizeOf<Message>()];
        MemoryMarshal.Write(bytes, message);
        try
        {
            _socket.SendTo(bytes, place);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // No way to this address: no answer will come, which is what the asker wants to know.
        }
    }

    private readonly record struct Message(Guid Group, Purpose Purpose, int From, int To, long Question, RankProgress Progress);
}
