import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import com.sun.xml.ws.developer.SchemaValidation;
import java.io.FileInputStream;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import javax.jws.WebService;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;
import javax.xml.namespace.QName;
import javax.xml.soap.SOAPFactory;
import javax.xml.soap.SOAPFault;
import javax.xml.soap.SOAPHeader;
import javax.xml.transform.Source;
import javax.xml.transform.stream.StreamSource;
import javax.xml.ws.Endpoint;
import javax.xml.ws.Holder;
import javax.xml.ws.WebServiceException;
import javax.xml.ws.handler.MessageContext;
import javax.xml.ws.handler.soap.SOAPHandler;
import javax.xml.ws.handler.soap.SOAPMessageContext;
import javax.xml.ws.soap.SOAPFaultException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import peer.rates.Rate;
import peer.rates.RatePage;
import peer.rates.Rates;
import peer.receivables.*;

/** Two services of the JAX-WS reference implementation. Arguments: invoices held, and for TLS key and trust stores. */
public class PeerServer {
    static final String USER = "hub", PASSWORD = "s3cret & more";
    static final char[] STORE_PASSWORD = "store-password".toCharArray();

    @WebService(serviceName = "ReceivablesService", portName = "ReceivablesSoap", wsdlLocation = "receivables.wsdl",
        targetNamespace = "urn:example:receivables:3", endpointInterface = "peer.receivables.Receivables")
    @SchemaValidation
    public static class ReceivablesPort implements Receivables {
        final Map<String, OpenDispute> disputes = new ConcurrentHashMap<>();
        final DatatypeFactory values;
        final int held;

        ReceivablesPort(int held) throws Exception {
            this.held = held;
            values = DatatypeFactory.newInstance();
        }

        public void searchInvoices(SearchInvoices.Criteria criteria, SearchInvoices.Window window,
                Holder<SearchInvoicesResponse.Found> found, Holder<Integer> matching, Holder<Boolean> hasMore)
                throws BusyFault {
            if (window.getMaxRows() < 1) {
                Busy busy = new Busy();
                busy.setSeconds(1);
                throw new BusyFault("not now", busy);
            }
            if (window.getMaxRows() > 500) throw new IllegalStateException("jdbc:oracle:thin:secret@db is out of reach");
            int first = firstChanged(criteria.getChangedFrom()), count = held - first;
            int end = Math.min(count, window.getStartRow() + window.getMaxRows());
            found.value = new SearchInvoicesResponse.Found();
            for (int row = window.getStartRow(); row < end; row++) found.value.getInvoice().add(invoice(first + row));
            matching.value = count;
            hasMore.value = end < count;
        }

        private int firstChanged(XMLGregorianCalendar from) {
            int first = 0;
            if (from == null) return first;
            while (first < held && changed(first).compare(from) < 0) first++;
            return first;
        }

        private XMLGregorianCalendar changed(int number) {
            return values.newXMLGregorianCalendar(
                OffsetDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC).plusMinutes(number).toString()
                    .replaceFirst("T(\\d\\d:\\d\\d)Z", "T$1:00Z"));
        }

        private Invoice invoice(int number) {
            Invoice invoice = new Invoice();
            invoice.setNumber(String.format("INV-%05d", number));
            invoice.setAccount(String.format("%010d", number));
            invoice.setChanged(changed(number));
            invoice.setPaid(number % 2 == 0);
            if (number % 3 == 0) invoice.setNote("Peña & <sons> \u20ac");
            invoice.setEntries(new Entries());
            for (int line = 0; line < number % 3; line++) {
                Entry entry = new Entry();
                entry.setCode("C" + line);
                entry.setAmount(amount("54.90"));
                entry.setPeriod(new Period());
                entry.getPeriod().setFrom(values.newXMLGregorianCalendar(LocalDate.of(2026, 1, 1 + line).toString()));
                entry.getPeriod().setTo(null);
                invoice.getEntries().getEntry().add(entry);
            }
            return invoice;
        }

        static Amount amount(String value) {
            Amount amount = new Amount();
            amount.setValue(new BigDecimal(value));
            amount.setCurrency("USD");
            return amount;
        }

        public String openDispute(String reference, String invoice, Amount amount, String reason)
                throws AmountRefusedFault, BusyFault {
            if (reason.equals("busy")) {
                Busy busy = new Busy();
                busy.setSeconds(1);
                throw new BusyFault("not now", busy);
            }
            if (amount.getValue().compareTo(new BigDecimal("100.00")) > 0) {
                AmountRefused refused = new AmountRefused();
                refused.setLimit(new BigDecimal("100.00"));
                throw new AmountRefusedFault("too much", refused);
            }
            OpenDispute asked = new OpenDispute();
            asked.setInvoice(invoice);
            asked.setAmount(amount);
            disputes.putIfAbsent(reference, asked);
            if (reason.equals("crash")) throw new IllegalStateException("after it was written");
            if (reason.equals("slow")) pause(12000);
            return "D-" + reference;
        }

        static void pause(long milliseconds) {
            try {
                Thread.sleep(milliseconds);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        public void getDispute(String reference, Holder<String> id, Holder<String> invoice, Holder<BigDecimal> amount,
                Holder<String> state) throws UnknownReferenceFault {
            OpenDispute known = disputes.get(reference);
            if (known == null) {
                UnknownReference unknown = new UnknownReference();
                unknown.setClientReference(reference);
                throw new UnknownReferenceFault("no such dispute", unknown);
            }
            id.value = "D-" + reference;
            invoice.value = known.getInvoice();
            amount.value = known.getAmount().getValue();
            state.value = "OPEN";
        }
    }

    @WebService(serviceName = "RatesService", portName = "RatesSoap", wsdlLocation = "rates.wsdl",
        targetNamespace = "urn:example:rates", endpointInterface = "peer.rates.Rates")
    public static class RatesPort implements Rates {
        public RatePage listRates(String region, int page, int size) {
            RatePage answer = new RatePage();
            for (int row = page * size; row < Math.min(17, (page + 1) * size); row++) {
                Rate rate = new Rate();
                rate.setCode(region + "-" + row);
                rate.setPrice(new BigDecimal("1.50"));
                answer.getRate().add(rate);
            }
            return answer;
        }
    }

    /** WS-Security UsernameToken, as text or digest; a nonce is good once. */
    public static class TokenCheck implements SOAPHandler<SOAPMessageContext> {
        static final String WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-";
        static final String WSSE = WSS + "secext-1.0.xsd", WSU = WSS + "utility-1.0.xsd";
        final Set<String> nonces = Collections.newSetFromMap(new ConcurrentHashMap<>());

        public Set<QName> getHeaders() {
            return Collections.singleton(new QName(WSSE, "Security"));
        }

        public boolean handleMessage(SOAPMessageContext context) {
            if ((Boolean) context.get(MessageContext.MESSAGE_OUTBOUND_PROPERTY)) return true;
            try {
                SOAPHeader header = context.getMessage().getSOAPHeader();
                Element token = header == null ? null : first(header, WSSE, "UsernameToken");
                if (token == null) throw fault("InvalidSecurity");
                Element password = first(token, WSSE, "Password");
                boolean isDigest = password.getAttribute("Type").endsWith("#PasswordDigest");
                String expected = isDigest ? digest(token) : PASSWORD;
                if (!USER.equals(text(token, WSSE, "Username")) || !expected.equals(password.getTextContent()))
                    throw fault("FailedAuthentication");
                if (isDigest && !nonces.add(text(token, WSSE, "Nonce"))) throw fault("InvalidSecurityToken");
                return true;
            } catch (SOAPFaultException fault) {
                throw fault;
            } catch (Exception error) {
                throw new WebServiceException(error);
            }
        }

        static String digest(Element token) throws Exception {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(Base64.getDecoder().decode(text(token, WSSE, "Nonce")));
            sha1.update(text(token, WSU, "Created").getBytes("UTF-8"));
            sha1.update(PASSWORD.getBytes("UTF-8"));
            return Base64.getEncoder().encodeToString(sha1.digest());
        }

        static Element first(Element within, String namespace, String name) {
            NodeList found = within.getElementsByTagNameNS(namespace, name);
            return found.getLength() == 0 ? null : (Element) found.item(0);
        }

        static String text(Element within, String namespace, String name) {
            Element found = first(within, namespace, name);
            return found == null ? "" : found.getTextContent();
        }

        static SOAPFaultException fault(String code) throws Exception {
            SOAPFault fault = SOAPFactory.newInstance().createFault("refused", new QName(WSSE, code, "wsse"));
            return new SOAPFaultException(fault);
        }

        public boolean handleFault(SOAPMessageContext context) {
            return true;
        }

        public void close(MessageContext context) {}
    }

    static KeyStore store(String path) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream file = new FileInputStream(path)) {
            store.load(file, STORE_PASSWORD);
        }
        return store;
    }

    static Source document(String name) {
        return new StreamSource(PeerServer.class.getResource(name).toExternalForm());
    }

    static HttpServer server(String[] arguments) throws Exception {
        InetSocketAddress place = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
        if (arguments.length == 1) return HttpServer.create(place, 0);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(arguments[1]), STORE_PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store(arguments[2]));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        HttpsServer server = HttpsServer.create(place, 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = context.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        return server;
    }

    public static void main(String[] arguments) throws Exception {
        HttpServer server = server(arguments);
        server.setExecutor(Executors.newCachedThreadPool());
        Endpoint receivables = Endpoint.create(new ReceivablesPort(Integer.parseInt(arguments[0])));
        receivables.setMetadata(Arrays.asList(document("receivables.wsdl"), document("receivables.xsd")));
        receivables.getBinding().setHandlerChain(Collections.singletonList(new TokenCheck()));
        receivables.publish(server.createContext("/receivables"));
        Endpoint.create(new RatesPort()).publish(server.createContext("/rates"));
        server.start();
        System.out.println("ready " + server.getAddress().getPort());
        System.in.read();
        System.exit(0);
    }
}
