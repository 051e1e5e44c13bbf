<?php
// The ledger of tests/fakes/old_ledger.py on PHP's own SOAP server; its WSDL lies beside it.
ini_set('soap.wsdl_cache_enabled', '0');

class Ledger {
    private $session;

    function session($header) { $this->session = $header->id; }

    function logIn($user, $pass, $tenant) {
        if ($user !== 'hub' || $pass !== 's3cret & more') return new SoapFault('Server.AccessDenied', 'no such user');
        return ['id' => 'session-' . $tenant];
    }

    function logOut() { return true; }

    function listLines($since, $window) {
        if ($this->session !== 'session-north') {
            return new SoapFault('Server', 'no', null, ['why' => 'none was shown'], 'SessionEnded');
        }
        $owners = [(object) ['name' => 'O0'], (object) ['name' => 'O1']];
        $from = preg_match('/T00:(\d\d)/', (string) $since, $found) ? (int) $found[1] : 0;
        $lines = [];
        for ($n = $from + $window->first; $n < min(10, $from + $window->first + $window->most); $n++) {
            $devices = [];
            for ($d = 0; $d < $n % 3; $d++) $devices[] = ['serial' => "CXNK0000000$d", 'kind' => 'ont'];
            $lines[] = [
                'lineId' => sprintf('L%02d', $n), 'amount' => "$n.50", 'paid' => $n % 2 == 1,
                'months' => $n % 4 ? $n : null, 'modified' => sprintf('2026-01-01T00:%02d:00Z', $n),
                'devices' => $devices, 'owner' => $owners[$n % 2],
            ];
        }
        return ['listLinesReturn' => $lines, 'total' => 10 - $from];
    }

    function payLine($lineId, $amount) {
        if ($amount == 0) return new SoapFault('Server', 'later', null, ['seconds' => 3], 'Busy');
        file_put_contents(__DIR__ . '/paid', "$lineId\n", FILE_APPEND);
        return true;
    }
}

if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    header('Content-Type: text/xml');
    readfile(__DIR__ . '/ledger.wsdl');
    exit;
}
$server = new SoapServer(__DIR__ . '/ledger.wsdl', ['cache_wsdl' => WSDL_CACHE_NONE]);
$server->setClass('Ledger');
$server->handle();
